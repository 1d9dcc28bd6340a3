// Package pipeline is what a team's program does with a record: a filter over the user in it, an
// action for each match, and running stats. Reading, publishing and committing are the members'.
package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Config says which users the team looks for and what it does about them.
type Config struct {
	workshop.Room
	Team   int
	Filter string // in the expression language, over the user's JSON fields
	Type   string
	Reason string
	Solve  bool // the team's own row of the table, instead of the three above
}

// On reports whether there is anything to do with a record.
func (c Config) On() bool { return c.Solve || c.Filter != "" || c.Type != "" || c.Reason != "" }

// A Pipeline makes actions of records. It is a member.Handler.
type Pipeline struct {
	team       string
	topic      string
	kind       string
	reason     string
	match      func(*workshop.User) (bool, error)
	unreadable atomic.Int64
}

// New compiles the filter. Its errors name the flag and the place.
func New(c Config) (*Pipeline, error) {
	if c.Team < 1 {
		return nil, errors.New("--filter and --solve need --team: actions belong to a team")
	}
	p := &Pipeline{team: workshop.TeamID(c.Team), topic: c.Actions(c.Team), kind: c.Type, reason: c.Reason}
	if c.Solve {
		if c.Filter != "" || c.Type != "" || c.Reason != "" {
			return nil, errors.New("--solve brings its own filter, type and reason: leave --filter, --type and --reason out")
		}
		row := workshop.CriterionOf(c.Team)
		p.kind, p.reason = row.Type, row.Reason
		p.match = func(u *workshop.User) (bool, error) { return row.Match(u), nil }
		return p, nil
	}
	if c.Filter == "" {
		return nil, errors.New("--type and --reason need --filter EXPR: which users are they for?")
	}
	if c.Type == "" || c.Reason == "" {
		return nil, errors.New("--filter needs --type and --reason: what is to be done about the users that it finds, and why?")
	}
	match, err := compile(c.Filter)
	if err != nil {
		return nil, err
	}
	p.match = match
	return p, nil
}

// Handle returns the actions for the users among the records that meet the filter. What is no user
// is passed over and counted.
func (p *Pipeline) Handle(_ int, records []*kgo.Record) []*kgo.Record {
	var out []*kgo.Record
	for _, r := range records {
		var u workshop.User
		if len(r.Value) == 0 || json.Unmarshal(r.Value, &u) != nil || u.Email == "" {
			p.unreadable.Add(1)
			continue
		}
		if ok, err := p.match(&u); err != nil || !ok {
			continue
		}
		value, err := json.Marshal(workshop.Action{Customer: u.Email, Type: p.kind, Reason: p.reason, Team: p.team})
		if err != nil {
			continue // plain strings: it cannot happen
		}
		out = append(out, &kgo.Record{Topic: p.topic, Key: []byte(u.Email), Value: value})
	}
	return out
}

// Unreadable is how many records held no user.
func (p *Pipeline) Unreadable() int64 { return p.unreadable.Load() }

// Says is the pipeline in words, for the first line of a run.
func (p *Pipeline) Says() string {
	return fmt.Sprintf("actions %s %s go to %s", p.kind, p.reason, p.topic)
}
