// Package provision creates what a room needs on a secured cluster, with an administrator's
// credentials: topics, a user for each team and service, quotas, and for each user only the ACLs
// that it needs. Passwords and codes derive from WORKSHOP_SECRET, so nothing is stored here, and a
// second run changes nothing. Package admission serves the settings to laptops.
package provision

import (
	"cmp"
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

// Flags are the flags of the provision subcommand.
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

	batch int // topics, users or ACLs in one request; defaultBatch when 0
}

// defaultBatch keeps requests and responses small: a topic's settings take 3 KB of a response, and a KRaft controller rejects
// a request that creates more than 10,000 metadata records; a topic creates up to nine.
const defaultBatch = 200

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

// Run creates what the room needs on the cluster, or deletes it if Remove is set, and prints to stdout what it changed. It is
// idempotent. With Print, it prints commands for the cluster's administrator instead.
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
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute+time.Duration(len(teams))*perTeam)
	defer cancel()
	w := &work{cluster: cluster{cfg.Kafka, client, kadm.NewClient(client), cfg.Secret, cmp.Or(cfg.batch, defaultBatch)}, dry: cfg.DryRun, out: stdout}
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

// perTeam is the time allowed per team, in addition to two minutes for the room.
const perTeam = 200 * time.Millisecond

// work changes a cluster and prints the changes.
type work struct {
	cluster
	dry     bool
	out     io.Writer
	changes int
}

func (w *work) printf(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// progress prints how far a long task is; a task that fits in one batch prints nothing.
func (w *work) progress(done, all int, what string) {
	if all > w.batch {
		w.printf("… %d of %d %s", done, all, what)
	}
}

// logChange prints a change that is made, or with --dry-run would be made.
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

	if err := w.createTopics(ctx, missing); err != nil {
		return err
	}

	if err := w.updateTopics(ctx, p.topics, missing); err != nil {
		return err
	}

	if err := w.updateGroups(ctx, p.groups); err != nil {
		return err
	}

	if err := w.updateUsers(ctx, p.users); err != nil {
		return err
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

// createTopics creates the missing topics.
func (w *work) createTopics(ctx context.Context, missing []workshop.Topic) error {
	for batch := range slices.Chunk(missing, w.batch) {
		for _, t := range batch {
			w.logChange("create", fmt.Sprintf("topic %s with %d partitions", t.Name, t.Partitions))
		}
		if w.dry {
			continue
		}
		if _, err := kafka.CreateTopics(ctx, w.client, batch...); err != nil {
			return err
		}
	}
	return nil
}

// updateUsers sets the passwords of users that cannot log in with theirs.
func (w *work) updateUsers(ctx context.Context, users []string) error {
	done := 0
	for batch := range slices.Chunk(users, w.batch) {
		stale, err := w.usersToUpdate(ctx, batch)
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
		done += len(batch)
		w.progress(done, len(users), "users checked")
	}
	return nil
}

// updateTopics changes the configs of existing topics to the plan's.
func (w *work) updateTopics(ctx context.Context, all, missing []workshop.Topic) error {
	existing := without(all, missing)
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

// updateGroups configures share groups.
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

// setACLs grants the users the wanted ACLs and revokes all their others.
func (w *work) setACLs(ctx context.Context, users []string, want []acl) error {
	have, err := w.describeACLs(ctx, users)
	if err != nil {
		return err
	}

	if err := w.changeACLs(ctx, "grant", difference(want, have), w.createACLs); err != nil {
		return err
	}
	return w.changeACLs(ctx, "revoke", difference(have, want), w.deleteACLs)
}

func (w *work) changeACLs(ctx context.Context, verb string, acls []acl, change func(context.Context, []acl) error) error {
	for batch := range slices.Chunk(acls, w.batch) {
		for _, r := range batch {
			w.logChange(verb, r.String())
		}
		if w.dry {
			continue
		}
		if err := change(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}
