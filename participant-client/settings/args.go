package settings

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/fault"
)

// refreshTimeout is how long a start waits for the leaderboard before it uses the saved settings as they are.
const refreshTimeout = 3 * time.Second

// Args adds the saved settings to the arguments of a start that names neither a group nor a cluster, after it has asked
// the leaderboard for what has changed. It leaves other arguments as they are.
func Args(ctx context.Context, args []string, stderr io.Writer) ([]string, error) {
	if namesTarget(args) {
		return args, nil
	}
	folder, err := Folder()
	if err != nil {
		return args, nil // so nothing was saved
	}
	saved, err := cli.ReadEnvFile(settingsFile(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return args, nil
	}
	if err != nil {
		return nil, err
	}

	if err := refresh(ctx, folder, saved, stderr); err != nil {
		return nil, err
	}
	return append([]string{"--env", settingsFile(folder)}, args...), nil
}

// withoutCluster are the commands that need no settings, or fetch them.
var withoutCluster = []string{"join", "help", "completion", "complete"}

// namesTarget reports whether the arguments or the environment name a cluster or a group, or the command needs none.
func namesTarget(args []string) bool {
	for _, name := range []string{"KAFKA_BROKERS", "WORKSHOP_TEAM", "WORKSHOP_GROUP"} {
		if os.Getenv(name) != "" {
			return true
		}
	}

	flags := []string{"--env", "--brokers", "--team", "--group", "--help", "-h", "--version"}
	for _, a := range args {
		flag, _, _ := strings.Cut(a, "=")
		if a == "--" {
			break
		}
		if slices.Contains(withoutCluster, a) || slices.Contains(flags, flag) {
			return true
		}
	}
	return false
}

// refresh saves the settings that the leaderboard has now. If it does not answer, the saved ones stay.
func refresh(ctx context.Context, folder string, saved map[string]string, stderr io.Writer) error {
	base, code := saved[leaderboardName], saved[codeName]
	if base == "" || code == "" {
		return nil
	}

	fmt.Fprintf(stderr, "team %s at %s (settings from %s)\n", saved["WORKSHOP_TEAM"], base, settingsFile(folder))
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	j, ahead, err := Fetch(ctx, base, code)
	if errors.Is(err, ErrWrongCode) {
		return fmt.Errorf("the saved code is no longer a team's at %s: run participant-client join %s with your new code", base, base)
	}
	if err != nil {
		fmt.Fprintf(stderr, "using the saved settings: %v\n", err)
		return nil
	}

	if text := fault.Clock(ahead); text != "" {
		fmt.Fprintln(stderr, text)
	}
	if j.Lesson != saved["WORKSHOP_LESSON"] {
		fmt.Fprintf(stderr, "the lesson is %s now\n", j.Lesson)
	}
	return Save(folder, j, code)
}
