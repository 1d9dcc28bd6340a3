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

// secured reports that the cluster asks for a login. Then what we were given is an administrator's, and
// nothing runs with it but the provisioning: services and members have users of their own.
func (s *stack) secured() bool {
	return s.flags.Cluster.Brokers != "" && s.flags.Cluster.Username != ""
}

// handouts is the folder that provisioning writes: pages to print, and the services' settings.
func (s *stack) handouts() string { return s.data.Path("handouts") }

// provision makes topics, users and rights with the administrator's login. Where all is done already it
// changes nothing.
func (s *stack) provision(ctx context.Context) error {
	if !s.secured() {
		return nil
	}
	cmd := exec.CommandContext(ctx, s.data.program("leaderboard"), "provision", "--handouts", s.handouts())
	cmd.Env = slices.Concat(os.Environ(), s.clusterEnv(), s.roomEnv(), []string{"WORKSHOP_SECRET=" + s.secret, "PUBLIC_URL=" + s.boardURL(), "WORKSHOP_ROSTER=" + s.flags.Roster})
	var fault bytes.Buffer
	cmd.Stderr = &fault
	err := process.WithProgress(s.say, "making topics, users and rights", cmd.Run)
	if err != nil {
		said := strings.TrimPrefix(strings.TrimSpace(fault.String()), "leaderboard: ")
		return fmt.Errorf("make topics, users and rights as %s: %s", s.flags.Cluster.Username, said)
	}
	made, err := cli.ReadEnvFile(s.settings(workshop.LeaderboardUser))
	if err != nil {
		return err
	}
	s.flags.Teams, err = strconv.Atoi(made["WORKSHOP_TEAMS"]) // a roster may have other teams
	return err
}

// settings is the file with a service's own login.
func (s *stack) settings(service string) string { return filepath.Join(s.handouts(), service+".env") }

// roomEnv is what every part has to know of the room. The secret goes to those alone that derive from it.
func (s *stack) roomEnv() []string {
	return []string{"INSTRUCTOR_TOKEN=" + s.token, "WORKSHOP_SECRET=", "WORKSHOP_LESSON=" + s.flags.Lesson.Name,
		"WORKSHOP_TEAMS=" + strconv.Itoa(s.flags.Teams), "WORKSHOP_NAMESPACE=" + string(s.flags.Namespace)}
}

// ownEnv is our environment without what names a cluster, a login or a room: it would win over the file
// that a service reads its own from.
func ownEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return strings.HasPrefix(name, "KAFKA_") || strings.HasPrefix(name, "WORKSHOP_") || name == "INSTRUCTOR_TOKEN" || name == "PUBLIC_URL"
	})
}

// memberEnv is what a member of a team starts with: its own user where there are logins.
func (s *stack) memberEnv(team int) []string {
	env := slices.Concat(ownEnv(), s.clusterEnv(), []string{"WORKSHOP_LESSON=" + s.flags.Lesson.Name,
		"WORKSHOP_TEAMS=" + strconv.Itoa(s.flags.Teams), "WORKSHOP_NAMESPACE=" + string(s.flags.Namespace)})
	if s.secured() {
		user := s.flags.User(team)
		env = append(env, "KAFKA_USERNAME="+user, "KAFKA_PASSWORD="+string(workshop.Secret(s.secret).Password(user)), "KAFKA_SASL=SCRAM-SHA-256")
	}
	return env
}
