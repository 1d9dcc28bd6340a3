package httpserve

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func never() bool  { return false }
func always() bool { return true }

// anHourOf attacks for an hour over this many connections from this many addresses. Each sends guess after guess, and
// hangs up on each answer that takes longer than patience. Meanwhile another client sends a correct code now and then.
// anHourOf returns how many guesses were checked.
func anHourOf(t *testing.T, g *Guard, connections, addresses int, patience time.Duration) (looked int) {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), time.Hour)
	defer end()
	counted := func() bool { looked++; return false } // the guard calls it with its lock held
	for i := range connections {
		from := fmt.Sprintf("10.0.%d.%d", i%addresses/250, i%addresses%250+1)
		go func() {
			for ctx.Err() == nil {
				once, hangUp := context.WithTimeout(ctx, patience)
				_, err := g.try(once, time.Now(), from, counted)
				if err != nil {
					<-once.Done() // rejected unchecked; a real client would need a round trip, too
				}
				hangUp()
			}
		}()
	}
	for ctx.Err() == nil {
		begin := time.Now()
		ok, err := g.try(ctx, begin, "10.9.9.9", always)
		if !ok || err != nil || time.Since(begin) != 0 {
			t.Errorf("after %v a right code from elsewhere: %v, %v, after %v", begin, ok, err, time.Since(begin))
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
	}
	end()
	synctest.Wait()
	return looked
}

// Hanging up does not make guessing a token or a code faster: see join for what that means for codes.
func TestHangingUpGuessesNoFaster(t *testing.T) {
	const perHour = 36_000
	for _, c := range []struct {
		name                   string
		connections, addresses int
		patience               time.Duration
	}{
		{"one who waits for answers", 1, 1, time.Hour},
		{"many who wait for answers", 200, 1, time.Hour},
		{"one who hangs up at once", 4, 1, 50 * time.Millisecond},
		{"many laptops that hang up", 50, 50, 500 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looked := anHourOf(t, NewGuard(perHour, time.Now()), c.connections, c.addresses, c.patience)
				t.Logf("%d guesses looked at in an hour", looked)
				if looked == 0 || looked > perHour/2 { // a second service has the other half
					t.Errorf("%d guesses looked at in an hour", looked)
				}
			})
		})
	}
}

func TestWaitingGuessersDoNotDelayRightCodesFromTheirOwnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard(1_000_000, time.Now())
		ctx, end := context.WithCancel(t.Context())
		for range 500 {
			go func() {
				for ctx.Err() == nil {
					_, _ = g.try(ctx, time.Now(), "10.0.0.1", never)
				}
			}()
		}
		synctest.Wait()
		for range 100 {
			begin := time.Now()
			if ok, err := g.try(ctx, begin, "10.0.0.1", always); !ok || err != nil || time.Since(begin) != 0 {
				t.Fatalf("right code: %v, %v, after %v", ok, err, time.Since(begin))
			}
			<-time.After(time.Second)
		}
		end()
		synctest.Wait()
	})
}

func TestAnAddressIsForgiven(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	g := NewGuard(2_000, now)
	from := Party("192.168.1.7")
	for range 10_000 {
		g.check(now, from, never)
	}
	if _, allowed := g.check(now, from, always); allowed {
		t.Error("who used up its half is still looked at")
	}
	if ok, allowed := g.check(now, Party("192.168.1.8"), always); !ok || !allowed {
		t.Error("another address is not looked at")
	}
	if ok, allowed := g.check(now.Add(time.Hour), from, always); !ok || !allowed {
		t.Error("after an hour it is still not looked at")
	}
}

func TestAddressesAreBounded(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	g := NewGuard(1_000_000, now)
	for i := range maxClients + 100 {
		g.check(now, Party(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String()), never)
	}
	if len(g.clients) != maxClients {
		t.Errorf("%d addresses remembered", len(g.clients))
	}
	g.check(now.Add(time.Hour), Party("192.168.1.7"), never)
	if len(g.clients) != 1 {
		t.Errorf("%d addresses remembered an hour later", len(g.clients))
	}
}

func TestParty(t *testing.T) {
	for address, want := range map[string]string{
		"192.168.1.7": "192.168.1.7/32", "::ffff:192.168.1.7": "192.168.1.7/32", "2001:db8:1:2:3::4": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "nonsense": "invalid Prefix",
		"192.168.1.7:4711": "192.168.1.7/32", "[fe80::1%eth0]:80": "fe80::/64",
	} {
		if got := Party(address).String(); got != want {
			t.Errorf("Party(%s) = %s, want %s", address, got, want)
		}
	}
}
