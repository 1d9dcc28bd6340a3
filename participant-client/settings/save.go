package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
)

// Names in the settings file that are not those of flags.
const (
	codeName        = "WORKSHOP_CODE"
	leaderboardName = "WORKSHOP_LEADERBOARD"
)

// Folder returns the folder where settings are saved: kafka-workshop in the user's configuration folder.
func Folder() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder to save settings in: %w", err)
	}
	return filepath.Join(dir, "kafka-workshop"), nil
}

func settingsFile(folder string) string { return filepath.Join(folder, "settings.env") }

// Save writes the settings to the folder, readable only by their owner, in the form that --env reads. They include the
// code, with which the next start asks for changes.
func Save(folder string, j workshop.Joining, code string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("save the settings: %w", err)
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
	text := "# Settings of team " + strconv.Itoa(j.Team) + ", saved by participant-client join. Delete this file to forget them.\n"
	for _, l := range lines {
		if strings.ContainsFunc(l[1], func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("the leaderboard sent a %s with a control character", l[0])
		}
		if l[1] == "" {
			continue
		}
		line, err := cli.EnvLine(l[0], l[1])
		if err != nil {
			return fmt.Errorf("save the settings: %w", err)
		}
		text += line
	}
	return replace(settingsFile(folder), text)
}

// replace writes a file atomically. Only its owner can read it at any time.
func replace(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".save-") // with mode 0600
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}

	_, err = f.WriteString(text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the earlier error matters
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}
