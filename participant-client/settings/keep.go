package settings

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
)

// Names in the file that no flag has.
const (
	codeName        = "WORKSHOP_CODE"
	leaderboardName = "WORKSHOP_LEADERBOARD"
)

// refreshWithin is how long a start waits for the leaderboard before it takes what was kept.
const refreshWithin = 3 * time.Second

// Folder is where settings are kept: kafka-workshop in the user's folder of configurations.
func Folder() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder to keep settings in: %w", err)
	}
	return filepath.Join(dir, "kafka-workshop"), nil
}

func settingsFile(folder string) string { return filepath.Join(folder, "settings.env") }

// Keep writes the settings into the folder for their owner's eyes alone, in the form that --env reads.
// The code is kept too: the next start asks with it for what has changed.
func Keep(folder string, j workshop.Joining, code string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	ca := ""
	if j.CA != "" {
		ca = filepath.Join(folder, "ca.pem")
		if err := replace(ca, j.CA); err != nil {
			return err
		}
	}
	lines := [][2]string{
		{"KAFKA_BROKERS", strings.Join(j.Brokers, ",")}, {"KAFKA_USERNAME", j.Username}, {"KAFKA_PASSWORD", j.Password},
		{"KAFKA_SASL", j.SASL}, {"KAFKA_TLS", strconv.FormatBool(j.TLS)}, {"KAFKA_CA", ca},
		{"WORKSHOP_LESSON", j.Lesson}, {"WORKSHOP_NAMESPACE", j.Namespace}, {"WORKSHOP_TEAMS", strconv.Itoa(j.Teams)},
		{"WORKSHOP_TEAM", strconv.Itoa(j.Team)}, {leaderboardName, j.Leaderboard}, {codeName, code},
	}
	text := "# Settings of team " + strconv.Itoa(j.Team) + ", kept by participant-client join. Delete this file to forget them.\n"
	for _, l := range lines {
		if strings.ContainsFunc(l[1], func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("the leaderboard gives a %s that is no setting", l[0])
		}
		if l[1] == "" {
			continue
		}
		line, err := cli.EnvLine(l[0], l[1])
		if err != nil {
			return fmt.Errorf("keep the settings: %w", err)
		}
		text += line
	}
	return replace(settingsFile(folder), text)
}

// replace writes a file at one stroke; nobody else may read it at any moment.
func replace(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".keep-") // makes it 0600
	if err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	_, err = f.WriteString(text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is the one before
		return fmt.Errorf("keep the settings: %w", err)
	}
	return nil
}

// Args puts the settings that were kept before the arguments of a start that says neither whose group
// nor where the cluster is, after asking the leaderboard for what has changed in them. Any other start
// it leaves as it is.
func Args(ctx context.Context, args []string, stderr io.Writer) ([]string, error) {
	if saysWhere(args) {
		return args, nil
	}
	folder, err := Folder()
	if err != nil {
		return args, nil // then nothing can have been kept
	}
	kept, err := cli.ReadEnvFile(settingsFile(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return args, nil
	}
	if err != nil {
		return nil, err
	}
	if err := refresh(ctx, folder, kept, stderr); err != nil {
		return nil, err
	}
	return append([]string{"--env", settingsFile(folder)}, args...), nil
}

// saysWhere reports a command line or an environment that names a cluster or a group, and commands
// that need none.
func saysWhere(args []string) bool {
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
		if a == "join" || slices.Contains(flags, flag) {
			return true
		}
	}
	return false
}

// refresh keeps what the leaderboard has to say now; without an answer, what was kept has to do.
func refresh(ctx context.Context, folder string, kept map[string]string, stderr io.Writer) error {
	base, code := kept[leaderboardName], kept[codeName]
	if base == "" || code == "" {
		return nil
	}
	fmt.Fprintf(stderr, "team %s at %s (kept in %s)\n", kept["WORKSHOP_TEAM"], base, settingsFile(folder))
	ctx, cancel := context.WithTimeout(ctx, refreshWithin)
	defer cancel()
	j, skew, err := Fetch(ctx, base, code)
	if errors.Is(err, ErrWrongCode) {
		return fmt.Errorf("the code kept for %s opens no team any more: run participant-client join %s with the code that you have now", base, base)
	}
	if err != nil {
		fmt.Fprintf(stderr, "going on with the settings from before: %v\n", err)
		return nil
	}
	if says := ClockSays(skew); says != "" {
		fmt.Fprintln(stderr, says)
	}
	if j.Lesson != kept["WORKSHOP_LESSON"] {
		fmt.Fprintf(stderr, "the lesson is %s now\n", j.Lesson)
	}
	return Keep(folder, j, code)
}
