// Package pipeline is what a team's program does with records: it filters the users in them, makes an action of each
// match, and publishes stats. Reading, publishing actions and committing are up to the members.
package pipeline

import (
	"encoding/json"
	"errors"
	"sync/atomic"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Config selects the users that the team looks for, and the actions that it takes.
type Config struct {
	workshop.Room
	Team   int
	Filter string // in the expression language, over the user's JSON fields
	Type   string
	Reason string
	Solve  bool // the team's own row of the table, instead of the three above
}

// On reports whether a pipeline is configured at all.
func (c Config) On() bool { return c.Solve || c.Filter != "" || c.Type != "" || c.Reason != "" }

// A Pipeline makes actions of records. It is a member.Handler.
type Pipeline struct {
	team       string
	topic      string
	kind       string
	reason     string
	match      func(*workshop.User) (bool, error)
	unreadable atomic.Int64 // records without a user
}

// New compiles the filter. Its errors name the flag, and the place in an expression.
func New(c Config) (*Pipeline, error) {
	if c.Team < 1 {
		return nil, errors.New("--filter and --solve need --team: actions belong to a team")
	}
	p := &Pipeline{team: workshop.TeamID(c.Team), topic: c.Actions(c.Team), kind: c.Type, reason: c.Reason}
	if c.Solve {
		if c.Filter != "" || c.Type != "" || c.Reason != "" {
			return nil, errors.New("--solve has its own filter, type and reason: remove --filter, --type and --reason")
		}
		row := workshop.CriterionOf(c.Team)
		p.kind, p.reason = row.Type, row.Reason
		p.match = func(u *workshop.User) (bool, error) { return row.Match(u), nil }
		return p, nil
	}

	if c.Filter == "" {
		return nil, errors.New("--type and --reason need --filter EXPR, which selects the users")
	}
	if c.Type == "" || c.Reason == "" {
		return nil, errors.New("--filter needs --type and --reason, which make the action")
	}
	match, err := compile(c.Filter)
	if err != nil {
		return nil, err
	}
	p.match = match
	return p, nil
}

// Handle returns the action for a user that matches the filter. It skips and counts records without a user.
func (p *Pipeline) Handle(_ int, r *kgo.Record) []*kgo.Record {
	var u workshop.User
	if len(r.Value) == 0 || json.Unmarshal(r.Value, &u) != nil || u.Email == "" {
		p.unreadable.Add(1)
		return nil
	}

	if ok, err := p.match(&u); err != nil || !ok {
		return nil
	}
	value, err := json.Marshal(workshop.Action{Customer: u.Email, Type: p.kind, Reason: p.reason, Team: p.team})
	if err != nil {
		return nil // strings always encode
	}
	return []*kgo.Record{{Topic: p.topic, Key: []byte(u.Email), Value: value}}
}

// Unreadable returns how many records held no user.
func (p *Pipeline) Unreadable() int64 { return p.unreadable.Load() }
