package main

import (
	"context"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/provision"
)

// provisionCommand is the sub-command: its own flags and those that it shares with the board.
type provisionCommand struct {
	provision.Flags
	Secret          workshop.Secret `env:"WORKSHOP_SECRET" help:"Passwords and join codes derive from it: 16 characters or more. Better in the environment than on the command line."`
	InstructorToken workshop.Secret `env:"INSTRUCTOR_TOKEN" help:"Goes into the services' settings; derived from the secret when it is not given."`
	PublicURL       string          `name:"public-url" env:"PUBLIC_URL" help:"The address of the board that participants type, as in http://192.168.1.5:8080, for the handouts."`
}

// provisioning is what a run of it needs.
func (f *flags) provisioning() provision.Config {
	p := f.Provision
	return provision.Config{
		Flags: p.Flags, Kafka: f.Config, Room: f.Room,
		Secret: p.Secret, Token: p.InstructorToken, PublicURL: p.PublicURL,
	}
}

// newAdmissions makes what answers codes.
func newAdmissions(f flags, auth *httpserve.Auth, name func(team int) string) (*admission.Service, error) {
	return admission.New(admission.Config{
		Secret: f.Serve.Secret, Room: f.Room,
		Kafka: f.Config, Brokers: f.Serve.PublicBrokers, PublicURL: f.Serve.HTTP.PublicURL, PanelURL: f.Serve.PanelURL,
		Downloads: f.Serve.Downloads, Auth: auth, Name: name,
	})
}

// names are the teams' as the last View shows them.
type names struct{ last atomic.Pointer[game.View] }

func (n *names) see(v game.View) { n.last.Store(&v) }

func (n *names) of(team int) string {
	if v := n.last.Load(); v != nil {
		for _, t := range v.Truth.Teams {
			if t.Team == team {
				return t.Name
			}
		}
	}
	return workshop.TeamID(team)
}

// nameTeams gives the roster's names to teams that have none yet, once this leaderboard holds the
// room. A name that the instructor gave stays.
func (p *parts) nameTeams(ctx context.Context, roster map[int]string) {
	if len(roster) == 0 {
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if p.names.last.Load() != nil && p.referee.Ready() == nil && p.nameNow(ctx, roster) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// nameNow reports whether nothing is left to name.
func (p *parts) nameNow(ctx context.Context, roster map[int]string) bool {
	for team, name := range roster {
		if now := p.names.of(team); now != workshop.TeamID(team) || now == name {
			continue
		}
		if err := p.referee.Rename(ctx, team, name); err != nil {
			p.log.Debug("a team is not named yet", "team", team, "error", err)
			return false
		}
	}
	return true
}
