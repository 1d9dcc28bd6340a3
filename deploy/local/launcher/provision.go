package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// secured reports whether the cluster has logins. The given login is then an administrator's and is used for
// provisioning only; services and members have their own users.
func (s *stack) secured() bool {
	return s.flags.Cluster.Brokers != "" && s.flags.Cluster.Username != ""
}

// handouts returns the folder to which provisioning writes the handouts and the services' settings.
func (s *stack) handouts() string { return s.data.Path("handouts") }

// provision creates topics, users and ACLs with the administrator's login. It is idempotent.
func (s *stack) provision(ctx context.Context) error {
	if !s.secured() {
		return nil
	}

	cmd := exec.CommandContext(ctx, s.data.program("leaderboard"), "provision", "--handouts", s.handouts())
	cmd.Env = slices.Concat(os.Environ(), s.clusterEnv(), s.roomEnv(), []string{"WORKSHOP_SECRET=" + s.secret, "PUBLIC_URL=" + s.boardURL(), "WORKSHOP_ROSTER=" + s.flags.Roster})
	var output bytes.Buffer
	cmd.Stderr = &output
	err := process.WithProgress(s.say, "creating topics, users and ACLs", cmd.Run)
	if err != nil {
		text := strings.TrimPrefix(strings.TrimSpace(output.String()), "leaderboard: ")
		return fmt.Errorf("create topics, users and ACLs as %s: %s", s.flags.Cluster.Username, text)
	}

	settings, err := cli.ReadEnvFile(s.settings(workshop.LeaderboardUser))
	if err != nil {
		return err
	}

	s.flags.Teams, err = strconv.Atoi(settings["WORKSHOP_TEAMS"]) // a roster may have other teams
	return err
}

// settings returns the path of the env file with a service's own login.
func (s *stack) settings(service string) string { return filepath.Join(s.handouts(), service+".env") }

// roomEnv returns the room's settings, which every service needs. It clears the secret, which only some of them get.
func (s *stack) roomEnv() []string {
	return []string{"INSTRUCTOR_TOKEN=" + s.token, "WORKSHOP_SECRET=", "WORKSHOP_LESSON=" + s.flags.Lesson.Name,
		"WORKSHOP_TEAMS=" + strconv.Itoa(s.flags.Teams), "WORKSHOP_NAMESPACE=" + string(s.flags.Namespace)}
}

// cleanEnv returns our environment without settings of a cluster, a login or a room, which would override those
// in a service's env file.
func cleanEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return strings.HasPrefix(name, "KAFKA_") || strings.HasPrefix(name, "WORKSHOP_") || name == "INSTRUCTOR_TOKEN" || name == "PUBLIC_URL"
	})
}

// memberEnv returns the environment of a team's members, with the team's user if the cluster has logins.
func (s *stack) memberEnv(team int) []string {
	env := slices.Concat(cleanEnv(), s.clusterEnv(), []string{"WORKSHOP_LESSON=" + s.flags.Lesson.Name,
		"WORKSHOP_TEAMS=" + strconv.Itoa(s.flags.Teams), "WORKSHOP_NAMESPACE=" + string(s.flags.Namespace)})
	if s.secured() {
		user := s.flags.User(team)
		env = append(env, "KAFKA_USERNAME="+user, "KAFKA_PASSWORD="+string(workshop.Secret(s.secret).Password(user)), "KAFKA_SASL=SCRAM-SHA-256")
	}
	return env
}
