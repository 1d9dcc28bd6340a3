package inspect

import (
	"context"
	"net/http"
	"strings"
	"time"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// board sends a request to the leaderboard, to distinguish a blocked port from a network that lets nothing through, and
// reads its clock. Behind a captive portal something else answers.
func (r *run) board(ctx context.Context) {
	if r.Leaderboard == "" {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(r.Leaderboard, "/")+"/api/board", nil)
	if err != nil {
		r.fail("board", "--leaderboard %s is not a URL", r.Leaderboard)
		return
	}
	asked := r.Now()
	resp, err := http.DefaultTransport.RoundTrip(req) // which follows no redirects: a portal's would hide it
	if err != nil {
		r.fail("board", "%s  %s", r.Leaderboard, fault.Explain(err, req.URL.Host))
		return
	}
	defer func() { _ = resp.Body.Close() }() // only read from

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

// clock compares this laptop's clock with another one, which is known to the second.
func (r *run) clock(mine, theirs time.Time, whose string) {
	if text := fault.Clock(mine.Sub(theirs).Round(time.Second)); text != "" {
		r.fail("clock", "%s", text)
		return
	}
	r.ok("clock", "agrees with %s", whose)
}

// recordClock compares this laptop's clock with the timestamp of the newest record, if no leaderboard is known. An old
// record proves nothing: the load may be paused.
func (r *run) recordClock(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
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
	if newest <= 0 || r.Now().Sub(theirs) > 10*time.Second {
		r.note("clock", "nothing to compare it with: use --leaderboard URL")
		return
	}
	r.clock(r.Now(), theirs, "the newest record")
}
