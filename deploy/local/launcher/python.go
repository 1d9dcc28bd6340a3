package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kafka-workshop/docs"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// findPython returns the Python interpreter if it has kafka-python, or else "".
func findPython(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := exec.LookPath("sh"); err != nil {
		return "" // UntilPipeCloses needs a shell
	}
	if exec.CommandContext(ctx, "python3", "-c", "import kafka").Run() != nil {
		return ""
	}
	return "python3"
}

// pythonMember returns a command that runs the guide's kafka-python program for the team, or nil if it cannot.
func (p *player) pythonMember() *exec.Cmd {
	if p.python == "" {
		return nil
	}

	file, err := p.pythonProgram()
	if err != nil {
		p.stack.say(fmt.Sprintf("demo: team %d: %v", p.team, err))
		return nil
	}

	cmd := process.UntilPipeCloses("TERM", 5*time.Second, p.python, file)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(p.stack.memberEnv(p.team), "KAFKA_CA=ca.pem") // next to the program, if the cluster has one
	return cmd
}

// pythonProgram writes the program with the team's settings to a file.
func (p *player) pythonProgram() (string, error) {
	s := p.stack
	cluster := s.flags.Cluster
	settings := workshop.Joining{Team: p.team, Lesson: s.flags.Lesson.Name, Namespace: string(s.flags.Namespace), Group: s.flags.Group(p.team),
		Brokers: strings.Split(s.brokers, ","), TLS: s.secured() && (cluster.TLS || cluster.CA != "")}
	dir := s.data.Path("python")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}

	if s.secured() {
		settings.Username = s.flags.User(p.team)
		settings.SASL = "SCRAM-SHA-256"
		ca, err := os.ReadFile(cluster.CA)
		if err == nil {
			settings.CA = string(ca)
			err = textfile.WritePrivate(filepath.Join(dir, "ca.pem"), ca)
		}

		if err != nil && cluster.CA != "" {
			return "", err
		}
	}

	program, err := docs.Program("kafka-python/team.py", s.flags.Lesson, settings)
	if err != nil {
		return "", err
	}

	file := filepath.Join(dir, workshop.TeamID(p.team)+".py")
	return file, textfile.WritePrivate(file, []byte(program))
}
