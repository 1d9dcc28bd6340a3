package board

import (
	"encoding/json"
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A past builds the history of a team's lanes, phase by phase.
type past struct {
	team, partitions int
	at               time.Time
	h                game.History
}

// phase has the given number of members own the lanes for a while, all in one state; 0 members leave them free.
func (p *past) phase(lasts time.Duration, members int, state string) *past {
	from, to := workshop.At(p.at), workshop.At(p.at.Add(lasts))
	for lane := range int32(p.partitions) {
		s := game.Span{Team: p.team, Partition: lane, From: from, To: &to, State: state, Assignor: "range"}
		if members > 0 {
			m := int(lane) * members / p.partitions
			id := fmt.Sprintf("kgo-%d-%d", p.team, m)
			s.Owner, s.Colour, s.ClientID = &id, m%8, fmt.Sprintf("team-%d-laptop-%c", p.team, 'a'+m)
		}
		p.h.Ended = append(p.h.Ended, s)
	}
	p.at = to.Time
	return p
}

// gap lets time pass in which nobody watched.
func (p *past) gap(lasts time.Duration) *past { p.at = p.at.Add(lasts); return p }

// lasting returns the history with lanes that have not ended.
func (p *past) lasting(members int, state string) game.History {
	n := len(p.h.Ended)
	p.phase(time.Second, members, state)
	for _, s := range p.h.Ended[n:] {
		s.To = nil
		p.h.Lasting = append(p.h.Lasting, s)
	}
	p.h.Ended = p.h.Ended[:n:n]
	return p.h
}

// samplePast returns twenty minutes with a crash in them, up to the sample's state.
func samplePast(t game.Team, partitions int, began time.Time) game.History {
	p := &past{team: t.Team, partitions: partitions, at: began.Add(time.Duration(t.Team) * 7 * time.Second)}
	n := len(t.Members)
	if n == 0 {
		return game.History{}
	}
	p.phase(3*time.Minute, 1, game.LaneOwned)
	for m := 2; m <= n; m++ {
		p.phase(2500*time.Millisecond, m-1, game.LaneMoving).phase(90*time.Second, m, game.LaneOwned)
	}
	p.phase(11*time.Second, n, game.LaneSilent).phase(1500*time.Millisecond, n, game.LaneMoving).phase(100*time.Second, max(n-1, 1), game.LaneOwned)
	p.gap(70*time.Second).phase(20*time.Second, 0, game.LaneFree)
	return p.lasting(n, game.LaneOwned)
}

// sampleAwards returns the badges of a team with evidence.
func sampleAwards(t game.Team, began time.Time) []game.Award {
	var out []game.Award
	for i, e := range t.Badges {
		out = append(out, game.Award{
			Round: 2, Team: t.Team, Badge: e.Badge, First: e.First, At: began.Add(time.Duration(t.Team*7+i*100) * time.Second),
			Evidence: json.RawMessage(fmt.Sprintf(`{"state":"Stable","members":[{"id":"kgo-%d-0","client_id":"team-%d-laptop-a","host":"192.168.1.20","partitions":[0,1,2]},{"id":"kgo-%d-1","client_id":"team-%d-laptop-b","host":"192.168.1.21","partitions":[3,4]}],"actions":{"accepted":120,"rejected":1},"precision":0.99,"recall":0.97}`, t.Team, t.Team, t.Team, t.Team)),
		})
	}
	return out
}

// addPast gives every team of the sample a history.
func (s *sample) addPast(began time.Time) {
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Began = workshop.At(began)
		b.Teams = append([]game.Team(nil), b.Teams...)
		for i := range b.Teams {
			t := &b.Teams[i]
			t.History, t.Awards = samplePast(*t, b.Partitions, began), sampleAwards(*t, began)
		}
	}
}
