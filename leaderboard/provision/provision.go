package provision

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Flags are those of the sub-command alone.
type Flags struct {
	Roster        string   `env:"WORKSHOP_ROSTER" placeholder:"FILE" help:"CSV of number,name: the teams, instead of 1 to --teams."`
	Handouts      string   `env:"WORKSHOP_HANDOUTS" default:"handouts" placeholder:"DIR" help:"Folder for the handouts (text, CSV, a page to print) and the services' settings."`
	PublicBrokers []string `env:"KAFKA_PUBLIC_BROKERS" help:"Where participants find the cluster, when it is not --brokers."`
	DryRun        bool     `help:"Say what would change, and change nothing."`
	Remove        bool     `help:"Undo it: delete the users, their rights and the topics with all that is in them."`
}

// Config is all that a run needs to know.
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
		return fmt.Errorf("WORKSHOP_SECRET has less than %d characters: set one (openssl rand -hex 16 makes one), and keep it: passwords and codes derive from it", workshop.MinSecret)
	case c.Handouts == "":
		return fmt.Errorf("--handouts is empty: name a folder")
	}
	if err := c.Room.Validate(); err != nil {
		return err
	}
	return c.Kafka.Validate()
}

// Run brings the cluster to what the room needs, or with Remove takes that away, and says on stdout
// what it changed. A run that finds all done changes nothing.
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
	p := planFor(cfg.Room, teams)
	if err := client.Ping(ctx); err != nil {
		return fmt.Errorf("reach the cluster at %v: %w", cfg.Kafka.Brokers, err)
	}
	if cfg.Remove {
		return w.remove(ctx, p)
	}
	if err := w.apply(ctx, p); err != nil {
		return err
	}
	return cfg.handOut(names, w)
}

// work changes a cluster and tells of it.
type work struct {
	cluster
	dry     bool
	out     io.Writer
	changes int
}

func (w *work) say(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// change tells of one thing that is changed, or in a dry run would be.
func (w *work) change(verb, what string) {
	w.changes++
	if w.dry {
		verb = "would " + verb
	}
	w.say("%s %s", verb, what)
}

func (w *work) apply(ctx context.Context, p plan) error {
	missing, notes, err := w.missingTopics(ctx, p.topics)
	if err != nil {
		return err
	}
	for _, note := range notes {
		w.say("note: %s", note)
	}
	for _, t := range missing {
		w.change("make", fmt.Sprintf("topic %s with %d partitions", t.Name, t.Partitions))
		if !w.dry {
			if _, err := kafka.CreateTopics(ctx, w.client, t); err != nil {
				return err
			}
		}
	}
	if err := w.updateTopics(ctx, p.topics, missing); err != nil {
		return err
	}

	stale, err := w.staleUsers(ctx, p.users)
	if err != nil {
		return err
	}
	for _, user := range stale {
		w.change("set", "the password of user "+user)
	}
	if !w.dry {
		if err := w.putUsers(ctx, stale); err != nil {
			return err
		}
	}
	if err := w.setRights(ctx, p.users, p.rights); err != nil {
		return err
	}
	w.setQuotas(ctx, p.teams, quotas)
	if w.changes == 0 {
		w.say("nothing to change: topics, users, rights and quotas are as they should be")
	}
	return nil
}

// updateTopics brings the topics that were there before to the settings that they are made with today.
func (w *work) updateTopics(ctx context.Context, all, missing []workshop.Topic) error {
	there := slices.DeleteFunc(slices.Clone(all), func(t workshop.Topic) bool {
		return slices.ContainsFunc(missing, func(m workshop.Topic) bool { return m.Name == t.Name })
	})
	stale, err := w.staleConfigs(ctx, there)
	if err != nil {
		return err
	}

	for _, change := range stale {
		w.change("set", change.String())
	}
	if w.dry {
		return nil
	}
	notes, err := w.setConfigs(ctx, stale)
	for _, note := range notes {
		w.say("note: %s", note)
	}
	return err
}

// setRights gives the users these rights and takes all others away from them.
func (w *work) setRights(ctx context.Context, users []string, want []right) error {
	have, err := w.rights(ctx, users)
	if err != nil {
		return err
	}
	give, take := without(want, have), without(have, want)
	for _, r := range give {
		w.change("grant", r.String())
	}
	for _, r := range take {
		w.change("revoke", r.String())
	}
	if w.dry {
		return nil
	}
	if err := w.grant(ctx, give); err != nil {
		return err
	}
	return w.revoke(ctx, take)
}

func (w *work) remove(ctx context.Context, p plan) error {
	if err := w.setRights(ctx, p.users, nil); err != nil {
		return err
	}
	w.setQuotas(ctx, p.teams, nil)
	known, err := w.knownUsers(ctx, p.users)
	if err != nil {
		return err
	}
	var users, topics []string
	for _, user := range p.users {
		if known[user] {
			users = append(users, user)
			w.change("delete", "user "+user)
		}
	}
	missing, _, err := w.missingTopics(ctx, p.topics)
	if err != nil {
		return err
	}
	for _, t := range p.topics {
		if !slices.ContainsFunc(missing, func(m workshop.Topic) bool { return m.Name == t.Name }) {
			topics = append(topics, t.Name)
			w.change("delete", "topic "+t.Name)
		}
	}
	if w.changes == 0 {
		w.say("nothing to remove")
	}
	if w.dry {
		return nil
	}
	if err := w.dropUsers(ctx, users); err != nil {
		return err
	}
	return w.dropTopics(ctx, topics)
}

// admissions gives the same settings to handouts that it will give to whoever joins.
func (c Config) admissions(names map[int]string) (*admission.Service, error) {
	most := 0
	for team := range names {
		most = max(most, team)
	}
	return admission.New(admission.Config{
		Secret: c.Secret, Room: workshop.Room{Lesson: c.Lesson, Namespace: c.Namespace, Teams: most},
		Kafka: c.Kafka, Brokers: c.PublicBrokers, Name: func(team int) string { return names[team] },
	})
}
