package join

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
)

// chance that any team's code is guessed within an hour, at most, by all guessers together.
const chance = 1e-6

// What a room's guessers and one of them may do.
const (
	lightGuesses = 20               // wrong codes that one address has before it counts as a guesser
	forgetOne    = 30 * time.Second // an address is forgiven one wrong code in this time
	maxClients   = 4096             // addresses that are remembered
)

// A guard decides which codes are looked at, so that wrong ones are few and right ones are at once.
//
// A wrong code is answered late: all of the room wait in one queue. Whoever waits for answers thus
// hardly guesses, but who hangs up and asks anew would not wait. So each wrong code that is looked at
// is also paid from a budget of the room, which is what bounds the chance of a guess. Half of the
// budget is kept for addresses that have hardly guessed: who floods from one address uses up the
// other half and is then not looked at, while everybody else's code goes through as before.
type guard struct {
	late *httpserve.Guesses

	mu      sync.Mutex
	most    float64 // of the budget, in guesses
	refill  float64 // guesses a second
	left    float64
	at      time.Time
	clients map[netip.Prefix]*guesser
}

type guesser struct {
	wrong float64
	at    time.Time
}

// newGuard shares out what the chance allows: 45 % of it, so that a second leaderboard that stands by
// and has a budget of its own does not spoil the sum.
func newGuard(teams int, now time.Time) *guard {
	hour := guessesAnHour(teams)
	return &guard{
		late: httpserve.NewGuesses(), clients: map[netip.Prefix]*guesser{},
		most: math.Floor(hour * 0.05), left: math.Floor(hour * 0.05), refill: hour * 0.40 / 3600, at: now,
	}
}

// guessesAnHour is how many guesses make the chance that one of them opens one of the teams.
func guessesAnHour(teams int) float64 {
	return chance * math.Pow(float64(len(workshop.CodeSymbols)), workshop.CodeLength) / float64(max(teams, 1))
}

// try looks at a code. It returns at once for a right one, after its turn for a wrong one, and with
// false for allowed when this address has to wait before its code is looked at.
func (g *guard) try(ctx context.Context, now time.Time, from string, right func() bool) (ok bool, err error) {
	ok, allowed := g.look(now, prefix(from), right)
	if !allowed {
		return false, httpserve.Status(http.StatusTooManyRequests, "too many wrong codes came from this address: wait a minute")
	}
	if !ok {
		g.late.Wrong(ctx)
	}
	return ok, nil
}

func (g *guard) look(now time.Time, from netip.Prefix, right func() bool) (ok, allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if since := now.Sub(g.at).Seconds(); since > 0 {
		g.left, g.at = min(g.most, g.left+since*g.refill), now
	}
	c := g.client(now, from)
	reserve := 1.0
	if c == nil || c.wrong >= lightGuesses {
		reserve = max(1, g.most/2)
	}
	if g.left < reserve {
		return false, false
	}
	if right() {
		return true, true
	}
	g.left--
	if c != nil {
		c.wrong++
	}
	return false, true
}

// client is what is remembered of an address; nil when too many are remembered to add one.
func (g *guard) client(now time.Time, from netip.Prefix) *guesser {
	c := g.clients[from]
	if c == nil {
		if len(g.clients) >= maxClients {
			g.forget(now)
		}
		if len(g.clients) >= maxClients {
			return nil
		}
		c = &guesser{at: now}
		g.clients[from] = c
	}
	c.wrong, c.at = max(0, c.wrong-now.Sub(c.at).Seconds()/forgetOne.Seconds()), now
	return c
}

// forget drops the addresses that are forgiven.
func (g *guard) forget(now time.Time) {
	for from, c := range g.clients {
		if c.wrong <= now.Sub(c.at).Seconds()/forgetOne.Seconds() {
			delete(g.clients, from)
		}
	}
}

// prefix is what one guesser can be expected to have for itself: an IPv4 address, or an IPv6 network.
func prefix(address string) netip.Prefix {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // both numbers are valid for their kind
	return p
}
