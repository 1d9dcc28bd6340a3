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

// Limits of guesses.
const (
	lightGuesses = 20               // wrong guesses after which an address may only use half of the budget
	forgetOne    = 30 * time.Second // time after which one wrong guess of an address is forgotten
	maxClients   = 4096             // addresses to remember
)

// A Guard limits guesses of a secret: codes and tokens. Correct ones are never delayed.
//
// Answers to wrong guesses are delayed in one queue for the whole room. That slows down callers that wait
// for an answer, but not those that hang up and try again. So each wrong guess that is checked also costs one
// of a budget for the room, which bounds the probability that a guess succeeds. Half of the budget is
// reserved for addresses with few wrong guesses. A flood from one address uses up the other half and then
// gets 429s, while the guesses of all others are still checked.
type Guard struct {
	delay *Delay

	mu      sync.Mutex // guards what follows
	budget  float64    // the most guesses that can be saved up
	refill  float64    // guesses a second
	left    float64
	at      time.Time // when left was computed
	clients map[netip.Prefix]*guesser
}

type guesser struct {
	wrong float64
	at    time.Time
}

// NewGuard returns a Guard that checks at most perHour wrong guesses an hour, counted over two services. It allows
// 45 % of them, because a second instance on standby has a budget of its own.
func NewGuard(perHour float64, now time.Time) *Guard {
	budget := math.Floor(perHour * 0.05)
	return &Guard{
		delay: NewDelay(), clients: map[netip.Prefix]*guesser{},
		budget: budget, left: budget, refill: perHour * 0.40 / 3600, at: now,
	}
}

// Try checks a caller's guess. It returns at once if the guess is correct, and after a delay if it is wrong. Its error
// is a 429: the caller's address has to wait before another guess of it is checked.
func (g *Guard) Try(c *gin.Context, now time.Time, right func() bool) (ok bool, err error) {
	ok, err = g.try(c.Request.Context(), now, c.ClientIP(), right)
	if err != nil {
		c.Header("Retry-After", "60")
	}
	return ok, err
}

func (g *Guard) try(ctx context.Context, now time.Time, from string, right func() bool) (ok bool, err error) {
	ok, allowed := g.check(now, Party(from), right)
	if !allowed {
		return false, Status(http.StatusTooManyRequests, "too many wrong guesses from this address: wait a minute")
	}

	if !ok {
		g.delay.Wait(ctx)
	}
	return ok, nil
}

func (g *Guard) check(now time.Time, from netip.Prefix, right func() bool) (ok, allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()

	if since := now.Sub(g.at).Seconds(); since > 0 {
		g.left = min(g.budget, g.left+since*g.refill)
		g.at = now
	}

	c := g.client(now, from)
	reserve := 1.0
	if c == nil || c.wrong >= lightGuesses {
		reserve = max(1, g.budget/2)
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

// client returns the record of an address, or nil if there is no room for another one.
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

	c.wrong = max(0, c.wrong-now.Sub(c.at).Seconds()/forgetOne.Seconds())
	c.at = now
	return c
}

// forget deletes the addresses whose wrong guesses are all forgotten.
func (g *Guard) forget(now time.Time) {
	for from, c := range g.clients {
		if c.wrong <= now.Sub(c.at).Seconds()/forgetOne.Seconds() {
			delete(g.clients, from)
		}
	}
}
