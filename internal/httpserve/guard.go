package httpserve

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// What the guessers of a secret and one of them may do.
const (
	lightGuesses = 20               // wrong guesses that one address has before it counts as a guesser
	forgetOne    = 30 * time.Second // an address is forgiven one wrong guess in this time
	maxClients   = 4096             // addresses that are remembered
)

// A Guard limits guesses of a secret: codes and tokens. Correct ones are never delayed.
//
// A wrong guess is answered late: all of the room wait in one queue. Whoever waits for answers thus
// hardly guesses, but who hangs up and asks anew would not wait. So each wrong guess that is looked at
// is also paid from a budget of the room, which is what bounds the chance of a guess. Half of the
// budget is kept for addresses that have hardly guessed: who floods from one address uses up the
// other half and is then not looked at, while everybody else's guesses go through as before.
type Guard struct {
	late *Guesses

	mu      sync.Mutex // guards what follows
	most    float64    // of the budget, in guesses
	refill  float64    // guesses a second
	left    float64
	at      time.Time
	clients map[netip.Prefix]*guesser
}

type guesser struct {
	wrong float64
	at    time.Time
}

// NewGuard makes a Guard that looks at most at so many wrong guesses an hour. It shares out 45 % of them, so that
// a second service that stands by and has a budget of its own does not spoil the sum.
func NewGuard(perHour float64, now time.Time) *Guard {
	most := math.Floor(perHour * 0.05)
	return &Guard{
		late: NewGuesses(), clients: map[netip.Prefix]*guesser{},
		most: most, left: most, refill: perHour * 0.40 / 3600, at: now,
	}
}

// Try looks at a guess of the caller. It returns at once for a right one, after its turn for a wrong one, and with
// a 429 when the caller's address has to wait before its guess is looked at.
func (g *Guard) Try(c *gin.Context, now time.Time, right func() bool) (ok bool, err error) {
	ok, err = g.try(c.Request.Context(), now, c.ClientIP(), right)
	if err != nil {
		c.Header("Retry-After", "60")
	}
	return ok, err
}

func (g *Guard) try(ctx context.Context, now time.Time, from string, right func() bool) (ok bool, err error) {
	ok, allowed := g.look(now, Party(from), right)
	if !allowed {
		return false, Status(http.StatusTooManyRequests, "too many wrong guesses came from this address: wait a minute")
	}

	if !ok {
		g.late.Wrong(ctx)
	}
	return ok, nil
}

func (g *Guard) look(now time.Time, from netip.Prefix, right func() bool) (ok, allowed bool) {
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
func (g *Guard) client(now time.Time, from netip.Prefix) *guesser {
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
func (g *Guard) forget(now time.Time) {
	for from, c := range g.clients {
		if c.wrong <= now.Sub(c.at).Seconds()/forgetOne.Seconds() {
			delete(g.clients, from)
		}
	}
}
