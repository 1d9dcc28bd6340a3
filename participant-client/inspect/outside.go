package inspect

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func (r *run) lookup(ctx context.Context, step, addr string) ([]string, bool) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		r.fail(step, "%s  is no host:port", addr)
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		r.fail(step, "%s  %s", host, r.cause(err, addr))
		return nil, false
	}
	if net.ParseIP(host) == nil {
		r.ok(step, "%s is %s", host, strings.Join(ips, ", "))
	} else if step == "name" {
		r.ok(step, "%s is an address: nothing to look up", host)
	}
	return ips, true
}

// reach connects to every address of a name at once and reports the fastest; a name of which one
// family does not answer is a trap of its own.
func (r *run) reach(ctx context.Context, addr string, ips []string) (time.Duration, error) {
	host, port, _ := net.SplitHostPort(addr)
	errs := make([]error, len(ips))
	took := make([]time.Duration, len(ips))
	var wait sync.WaitGroup
	for i, ip := range ips {
		wait.Go(func() {
			begin := time.Now()
			conn, err := (&net.Dialer{Timeout: Patience}).DialContext(ctx, "tcp", net.JoinHostPort(ip, port))
			if errs[i] = err; err == nil {
				took[i] = time.Since(begin)
				_ = conn.Close()
			}
		})
	}
	wait.Wait()
	best, reached := time.Duration(0), false
	for i := range ips {
		if errs[i] == nil && (!reached || took[i] < best) {
			best, reached = took[i], true
		}
	}
	if !reached {
		return 0, errs[0]
	}
	if host == "localhost" && errors.Join(errs...) != nil {
		r.line("note", "connect", "localhost answers in one address family only: use 127.0.0.1.")
	}
	return best, nil
}

// board fetches the leaderboard for its clock; behind a captive portal something else answers.
func (r *run) board(ctx context.Context) {
	if r.Leaderboard == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(r.Leaderboard, "/")+"/api/board", nil)
	if err != nil {
		r.fail("board", "--leaderboard %s is no URL", r.Leaderboard)
		return
	}
	asked := r.Now()
	resp, err := http.DefaultTransport.RoundTrip(req) // no redirects: a portal's would hide it
	if err != nil {
		r.fail("board", "%s  %s", r.Leaderboard, fault.Explain(err, req.URL.Host))
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		r.fail("board", "%s answers with a page that is not the leaderboard's. Log in to the wifi in a browser first.", r.Leaderboard)
		return
	}
	r.boardUp = true
	r.ok("board", "%s answers", r.Leaderboard)
	if theirs, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		r.clock(asked, theirs, "the leaderboard's")
	}
}

// clock compares clocks; the other one is known to the second.
func (r *run) clock(mine, theirs time.Time, whose string) {
	off := mine.Sub(theirs).Round(time.Second)
	switch {
	case off > 10*time.Second:
		r.fail("clock", "Your clock is %s ahead: set it (TLS and records' times depend on it).", off)
	case off < -10*time.Second:
		r.fail("clock", "Your clock is %s behind: set it (TLS and records' times depend on it).", -off)
	default:
		r.ok("clock", "agrees with %s", whose)
	}
}

// recordClock compares with the newest record's time, where no leaderboard is known. An old record
// says nothing: the load may be paused.
func (r *run) recordClock(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	listed, err := kadm.NewClient(client).ListMaxTimestampOffsets(ctx, r.Topic)
	newest := int64(0)
	if err == nil {
		listed.Each(func(o kadm.ListedOffset) {
			if o.Err == nil {
				newest = max(newest, o.Timestamp)
			}
		})
	}
	theirs := time.UnixMilli(newest)
	if off := r.Now().Sub(theirs); newest <= 0 || off > 10*time.Second {
		r.line("note", "clock", "nothing to compare it with: give --leaderboard URL")
		return
	}
	r.clock(r.Now(), theirs, "the newest record")
}
