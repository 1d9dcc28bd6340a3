// Package provision creates what a room needs on a secured cluster, with an administrator's
// credentials: topics, a user for each team and service, quotas, and the ACLs of each user, no more
// than it needs. Passwords and codes derive from WORKSHOP_SECRET, so nothing is stored here, and a
// second run changes nothing. Package admission serves the settings to laptops.
package provision

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Flags are the subcommand's own flags.
type Flags struct {
	Roster        string   `env:"WORKSHOP_ROSTER" placeholder:"FILE" help:"CSV of number,name: the teams, instead of 1 to --teams."`
	Handouts      string   `env:"WORKSHOP_HANDOUTS" default:"handouts" placeholder:"DIR" help:"Folder for the handouts (text, CSV, a page to print) and the services' settings."`
	PublicBrokers []string `env:"KAFKA_PUBLIC_BROKERS" help:"Addresses at which participants reach the cluster, if they are not those of --brokers."`
	DryRun        bool     `help:"Print what would change, and change nothing."`
	Print         bool     `help:"Print commands of Kafka's own tools that do the same, for an administrator of the cluster, and write the handouts, without connecting."`
	Remove        bool     `help:"Delete the users, their ACLs and the topics with all their records."`
}

// Config configures Run.
type Config struct {
	Flags
	workshop.Room
	Kafka     kafka.Config // an administrator's
	Secret    workshop.Secret
	Token     workshop.Secret // the instructor's; derived when empty
	PublicURL string          // of the leaderboard
}

// Validate names the flag at fault.
func (c Config) Validate() error {
	switch {
	case len(c.Secret) < workshop.MinSecret:
		return fmt.Errorf("WORKSHOP_SECRET has fewer than %d characters: set it, for example to the output of openssl rand -hex 16, and keep it: passwords and codes derive from it", workshop.MinSecret)
	case c.Handouts == "":
		return fmt.Errorf("--handouts is empty: name a folder")
	case c.Print && (c.Remove || c.DryRun):
		return fmt.Errorf("--print changes nothing and says how to create, not how to delete: leave out --dry-run and --remove")
	}

	if err := c.Room.Validate(); err != nil {
		return err
	}
	return c.Kafka.Validate()
}

// Run creates on the cluster what the room needs, or deletes it if Remove is set, and prints to stdout
// what it changed. It is idempotent. With Print it prints what to ask the cluster's administrator for.
func Run(ctx context.Context, cfg Config, stdout io.Writer) error {
	names, err := cfg.names()
	if err != nil {
		return err
	}

	teams := make([]int, 0, len(names))
	for team := range names {
		teams = append(teams, team)
	}

	slices.Sort(teams)
	p := newPlan(cfg.Room, teams)
	if cfg.Print {
		return cfg.print(names, p, stdout)
	}

	opts, err := cfg.Kafka.Opts("leaderboard-provision", nil)
	if err != nil {
		return err
	}

	client, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}

	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	w := &work{cluster: cluster{cfg.Kafka, client, kadm.NewClient(client), cfg.Secret}, dry: cfg.DryRun, out: stdout}
	if err := client.Ping(ctx); err != nil {
		return fmt.Errorf("reach the cluster at %v: %w", cfg.Kafka.Brokers, err)
	}
	if cfg.Remove {
		return explainDenied(w.remove(ctx, p))
	}
	if err := w.apply(ctx, p); err != nil {
		return explainDenied(err)
	}
	return cfg.writeHandouts(names, w)
}

// work changes a cluster and prints the changes.
type work struct {
	cluster
	dry     bool
	out     io.Writer
	changes int
}

func (w *work) printf(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// logChange prints a change that is made, or that would be made without --dry-run.
func (w *work) logChange(verb, what string) {
	w.changes++
	if w.dry {
		verb = "would " + verb
	}
	w.printf("%s %s", verb, what)
}

func (w *work) apply(ctx context.Context, p plan) error {
	missing, notes, err := w.missingTopics(ctx, p.topics)
	if err != nil {
		return err
	}

	for _, note := range notes {
		w.printf("note: %s", note)
	}

	for _, t := range missing {
		w.logChange("create", fmt.Sprintf("topic %s with %d partitions", t.Name, t.Partitions))
		if !w.dry {
			if _, err := kafka.CreateTopics(ctx, w.client, t); err != nil {
				return err
			}
		}
	}

	if err := w.updateTopics(ctx, p.topics, missing); err != nil {
		return err
	}

	if err := w.updateGroups(ctx, p.groups); err != nil {
		return err
	}

	stale, err := w.usersToUpdate(ctx, p.users)
	if err != nil {
		return err
	}

	for _, user := range stale {
		w.logChange("set", "the password of user "+user)
	}

	if !w.dry {
		if err := w.upsertUsers(ctx, stale); err != nil {
			return err
		}
	}

	if err := w.setACLs(ctx, p.users, p.acls); err != nil {
		return err
	}

	w.setQuotas(ctx, p.teams, quotas)
	if w.changes == 0 {
		w.printf("nothing to change: topics, users, ACLs and quotas are up to date")
	}

	return nil
}

// updateTopics changes the configs of topics that existed before to those of the plan.
func (w *work) updateTopics(ctx context.Context, all, missing []workshop.Topic) error {
	existing := slices.DeleteFunc(slices.Clone(all), func(t workshop.Topic) bool {
		return slices.ContainsFunc(missing, func(m workshop.Topic) bool { return m.Name == t.Name })
	})
	stale, err := w.outdatedConfigs(ctx, existing)
	if err != nil {
		return err
	}

	for _, change := range stale {
		w.logChange("set", change.String())
	}

	if w.dry {
		return nil
	}

	notes, err := w.setConfigs(ctx, stale)
	for _, note := range notes {
		w.printf("note: %s", note)
	}

	return err
}

// updateGroups gives share groups their settings.
func (w *work) updateGroups(ctx context.Context, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	outdated, err := kafka.OutdatedGroups(ctx, w.client, groups, workshop.ShareConfigs())
	if err != nil {
		return err
	}

	for _, name := range outdated {
		w.logChange("set", "the settings of share group "+name)
	}
	if w.dry {
		return nil
	}
	return kafka.SetGroupConfigs(ctx, w.client, outdated, workshop.ShareConfigs())
}

// setACLs makes the wanted ACLs the users' only ones.
func (w *work) setACLs(ctx context.Context, users []string, want []acl) error {
	have, err := w.describeACLs(ctx, users)
	if err != nil {
		return err
	}

	give := difference(want, have)
	take := difference(have, want)
	for _, r := range give {
		w.logChange("grant", r.String())
	}
	for _, r := range take {
		w.logChange("revoke", r.String())
	}

	if w.dry {
		return nil
	}
	if err := w.createACLs(ctx, give); err != nil {
		return err
	}
	return w.deleteACLs(ctx, take)
}

func (w *work) remove(ctx context.Context, p plan) error {
	if err := w.setACLs(ctx, p.users, nil); err != nil {
		return err
	}

	w.setQuotas(ctx, p.teams, nil)
	known, err := w.existingUsers(ctx, p.users)
	if err != nil {
		return err
	}

	var users, topics []string
	for _, user := range p.users {
		if known[user] {
			users = append(users, user)
			w.logChange("delete", "user "+user)
		}
	}

	missing, _, err := w.missingTopics(ctx, p.topics)
	if err != nil {
		return err
	}

	for _, t := range p.topics {
		if !slices.ContainsFunc(missing, func(m workshop.Topic) bool { return m.Name == t.Name }) {
			topics = append(topics, t.Name)
			w.logChange("delete", "topic "+t.Name)
		}
	}

	if w.changes == 0 {
		w.printf("nothing to remove")
	}
	if w.dry {
		return nil
	}
	if err := w.deleteUsers(ctx, users); err != nil {
		return err
	}
	return w.deleteTopics(ctx, topics)
}
