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

// provisionCommand holds the flags of the provision subcommand that the serve command does not share.
type provisionCommand struct {
	provision.Flags
	Secret          workshop.Secret `env:"WORKSHOP_SECRET" help:"Passwords and join codes derive from it: 16 characters or more. Better in the environment than on the command line."`
	InstructorToken workshop.Secret `env:"INSTRUCTOR_TOKEN" help:"Written to the services' settings; derived from the secret if not given."`
	PublicURL       string          `name:"public-url" env:"PUBLIC_URL" help:"Address of the board that participants type, as in http://192.168.1.5:8080; printed on the handouts."`
}

// provisionConfig returns the configuration of provision.Run.
func (f *flags) provisionConfig() provision.Config {
	p := f.Provision
	return provision.Config{
		Flags: p.Flags, Kafka: f.Config, Room: f.Room,
		Secret: p.Secret, Token: p.InstructorToken, PublicURL: p.PublicURL,
	}
}

// newAdmission creates the service that lets participants join.
func newAdmission(f flags, auth *httpserve.Auth, name func(team int) string) (*admission.Service, error) {
	return admission.New(admission.Config{
		Secret: f.Serve.Secret, Room: f.Room,
		Kafka: f.Config, Brokers: f.Serve.PublicBrokers, PublicURL: f.Serve.HTTP.PublicURL, PanelURL: f.Serve.PanelURL,
		Downloads: f.Serve.Downloads, Auth: auth, Name: name,
	})
}

// teamNames looks up the teams' names in the latest View.
type teamNames struct{ view atomic.Pointer[game.View] }

func (n *teamNames) update(v game.View) { n.view.Store(&v) }

func (n *teamNames) lookup(team int) string {
	if v := n.view.Load(); v != nil {
		if teams := v.Truth.Teams; team > 0 && team <= len(teams) && teams[team-1].Team == team { // in order of their numbers, from 1
			return teams[team-1].Name
		}
	}
	return workshop.TeamID(team)
}

// nameTeams gives the roster's names to teams that have none yet, once this leaderboard holds the room's lock. It keeps names
// that the instructor has set.
func (p *parts) nameTeams(ctx context.Context, roster map[int]string) {
	if len(roster) == 0 {
		return
	}

	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if p.names.view.Load() != nil && p.referee.Ready() == nil && p.tryNameTeams(ctx, roster) {
			return
		}

		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tryNameTeams reports whether all teams of the roster have names now. It stops at the first error.
func (p *parts) tryNameTeams(ctx context.Context, roster map[int]string) bool {
	for team, name := range roster {
		if now := p.names.lookup(team); now != workshop.TeamID(team) || now == name {
			continue
		}
		if err := p.referee.Rename(ctx, team, name); err != nil {
			p.log.Debug("cannot name a team yet", "team", team, "error", err)
			return false
		}
	}
	return true
}
