package provision

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"

	"golang.org/x/term"
)

// writeHandouts writes the files. It prints the handouts only to a terminal, because they contain passwords.
func (c Config) writeHandouts(names map[int]string, w *work) error {
	if c.DryRun {
		return nil
	}

	files, err := c.writeFiles(names)
	if err != nil {
		return err
	}

	w.printf("\nwrote to %s", files)
	if c.PublicURL == "" {
		w.printf("note: without --public-url the handouts lack the room's address, its QR code and the line to paste")
	}

	if !isTerminal(w.out) { // what goes to a pipe or a container is kept as a log
		return nil
	}

	teams, err := c.handouts(names)
	if err != nil {
		return err
	}
	w.printf("")
	return teams.Text(w.out)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// handouts returns the handouts of the teams that have a name.
func (c Config) handouts(names map[int]string) (admission.Handouts, error) {
	admissions, err := c.admissions(names)
	if err != nil {
		return nil, err
	}
	all := admissions.Handouts(strings.TrimRight(c.PublicURL, "/"))
	return slices.DeleteFunc(all, func(h admission.Handout) bool { return names[h.Team] == "" }), nil
}

// writeFiles writes the handouts and the services' settings to the folder, readable only by its owner, and returns a line
// that names them.
func (c Config) writeFiles(names map[int]string) (string, error) {
	teams, err := c.handouts(names)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(c.Handouts, 0o700); err != nil {
		return "", fmt.Errorf("--handouts: %w", err)
	}

	for name, write := range map[string]func(io.Writer) error{
		"handouts.txt": teams.Text, "handouts.csv": teams.CSV, "handouts.html": teams.HTML,
		workshop.ProducerUser + ".env":    c.serviceEnv(workshop.ProducerUser, names),
		workshop.LeaderboardUser + ".env": c.serviceEnv(workshop.LeaderboardUser, names),
	} {
		if err := c.write(name, write); err != nil {
			return "", err
		}
	}
	return c.Handouts + ": handouts.html to print, handouts.txt, handouts.csv; producer-svc.env and leaderboard.env for the services' --env", nil
}

// write creates or replaces a file in the folder.
func (c Config) write(name string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if err := textfile.WritePrivate(filepath.Join(c.Handouts, name), text.Bytes()); err != nil {
		return fmt.Errorf("--handouts: write %s: %w", name, err)
	}
	return nil
}

// serviceEnv returns a function that writes the env file of one service, with its own Kafka user.
func (c Config) serviceEnv(name string, names map[int]string) func(io.Writer) error {
	user := c.Namespace.Name(name)
	token := c.Token
	if token == "" {
		token = c.Secret.Token(c.Namespace)
	}

	most := 0
	for team := range names {
		most = max(most, team)
	}

	lines := [][2]string{
		{"KAFKA_BROKERS", strings.Join(c.Kafka.Brokers, ",")},
		{"KAFKA_USERNAME", user},
		{"KAFKA_PASSWORD", string(c.Secret.Password(user))},
		{"KAFKA_SASL", "SCRAM-SHA-256"},
		{"KAFKA_TLS", strconv.FormatBool(c.Kafka.TLS || c.Kafka.CA != "")},
		{"KAFKA_CA", absolute(c.Kafka.CA)},
		{"WORKSHOP_LESSON", c.Lesson.Name},
		{"WORKSHOP_NAMESPACE", string(c.Namespace)},
		{"WORKSHOP_TEAMS", strconv.Itoa(most)},
		{"INSTRUCTOR_TOKEN", string(token)},
	}
	// All passwords and codes derive from the secret, so only the service that serves them gets it.
	if name == workshop.LeaderboardUser {
		lines = append(lines, [2]string{"WORKSHOP_SECRET", string(c.Secret)}, [2]string{"PUBLIC_URL", c.PublicURL}, [2]string{"KAFKA_PUBLIC_BROKERS", strings.Join(c.PublicBrokers, ",")},
			[2]string{"WORKSHOP_ROSTER", absolute(c.Roster)})
	}

	return func(w io.Writer) error {
		var text strings.Builder
		text.WriteString("# Settings of " + name + ", written by leaderboard provision. They hold secrets: do not share them.\n")
		for _, l := range lines {
			if l[1] == "" {
				continue
			}

			line, err := cli.EnvLine(l[0], l[1])
			if err != nil {
				return err
			}

			text.WriteString(line)
		}

		_, err := io.WriteString(w, text.String())
		return err
	}
}

func absolute(file string) string {
	if abs, err := filepath.Abs(file); err == nil && file != "" {
		return abs
	}
	return file
}

// admissions returns an admission service with the settings of the running one, for the handouts.
func (c Config) admissions(names map[int]string) (*admission.Service, error) {
	most := 0
	for team := range names {
		most = max(most, team)
	}

	login := c.Kafka
	login.Username = c.User(1) // teams have users, whatever login provision itself uses
	return admission.New(admission.Config{
		Secret: c.Secret, Room: workshop.Room{Lesson: c.Lesson, Namespace: c.Namespace, Teams: most},
		Kafka: login, Brokers: c.PublicBrokers, Name: func(team int) string { return names[team] },
	})
}
