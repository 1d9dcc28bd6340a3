package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Check finds out what keeps a laptop from taking part, step by step.
type Check struct {
	Kafka       kafka.Config
	Group       string
	Topic       string
	Writes      []string // topics that the lesson writes to
	TxnID       string   // a transactional ID of the team, if the lesson has any
	Share       bool     // the group is a share group
	Leaderboard string   // its URL, if known, to compare the clock with
	JSON        bool
	Log         *slog.Logger

	// Now is the laptop's clock; nil is time.Now.
	Now func() time.Time
}

// stepTimeout is the time limit of one step of a check.
const stepTimeout = 4 * time.Second

// run is a check under way.
type run struct {
	Check
	out      io.Writer
	failed   int
	steps    int
	boardUp  bool
	writeErr error
}

// Run prints a line per step. It continues after a failed step as far as that makes sense, and its error is then the
// number of failed steps.
func (c Check) Run(ctx context.Context, stdout io.Writer) error {
	if err := c.Kafka.Validate(); err != nil {
		return err
	}
	if c.Now == nil {
		c.Now = time.Now
	}

	r := &run{Check: c, out: stdout}
	r.board(ctx)
	if seed := r.seeds(ctx); seed != "" {
		r.cluster(ctx, seed)
	}

	switch {
	case r.writeErr != nil:
		return r.writeErr
	case ctx.Err() != nil:
		return ctx.Err()
	case r.failed > 0:
		return fmt.Errorf("%d of %d checks failed: see the lines above that begin with FAIL", r.failed, r.steps)
	}
	return nil
}

// A Step is what a check found out in one step.
type Step struct {
	Step   string `json:"step"`
	Status string `json:"status"` // statusOK, statusFailed or statusNote
	Text   string `json:"text"`
}

const (
	statusOK     = "ok"
	statusFailed = "FAIL"
	statusNote   = "note"
)

func (r *run) ok(step, format string, args ...any) { r.write(step, statusOK, format, args...) }

func (r *run) note(step, format string, args ...any) { r.write(step, statusNote, format, args...) }

func (r *run) fail(step, format string, args ...any) {
	r.failed++
	r.write(step, statusFailed, format, args...)
}

func (r *run) write(step, status, format string, args ...any) {
	r.steps++
	text := fmt.Sprintf(format, args...)
	var err error
	if r.JSON {
		err = writeJSON(r.out, Step{step, strings.ToLower(status), text})
	} else {
		_, err = fmt.Fprintf(r.out, "%-4s  %-12s  %s\n", status, step, text)
	}
	if err != nil {
		r.writeErr = err
	}
}

// seeds looks up and connects to the addresses of --brokers. It returns the first that answers.
func (r *run) seeds(ctx context.Context) string {
	first := ""
	for _, addr := range r.Kafka.Brokers {
		addr = strings.TrimSpace(addr)
		ips, ok := r.lookup(ctx, "name", addr)
		if !ok {
			continue
		}

		took, err := r.reach(ctx, addr, ips)
		if err != nil {
			r.fail("connect", "%s  %s", addr, r.cause(err, addr))
			continue
		}
		r.ok("connect", "%s in %s", addr, round(took))
		first = cmp.Or(first, addr)
	}
	return first
}

// cause explains an error, depending on whether the board could be reached.
func (r *run) cause(err error, addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	switch timedOut := fault.TimedOut(err) && r.Leaderboard != ""; {
	case timedOut && r.boardUp:
		return fmt.Sprintf("Your network blocks port %s: leave the VPN or use another network.", port)
	case timedOut:
		return "Neither the broker nor the leaderboard answers. This wifi isolates laptops from each other: use another network."
	}
	return fault.Explain(err, addr)
}

// loginCause explains the error of a login at an address that does accept connections.
func (r *run) loginCause(err error, addr string) string {
	var firstRead *kgo.ErrFirstReadEOF
	switch {
	case fault.TimedOut(err) && (r.Kafka.TLS || r.Kafka.CA != ""):
		return "No answer to TLS: remove --tls and --ca, or ask for the port that uses TLS."
	case fault.TimedOut(err):
		return "Connected, but no answer arrives: a VPN or proxy may be in between. Leave it or use another network."
	case errors.Is(err, io.EOF) && !errors.As(err, &firstRead) && r.Kafka.LogsIn():
		return "The broker closed the connection during the login: check " + r.Kafka.Credentials() + "."
	}
	return fault.Explain(err, addr)
}

// client returns a client that knows only one address. The caller closes it.
func (r *run) client(addr string) (*kgo.Client, error) {
	config := r.Kafka
	config.Brokers = []string{addr}
	opts, err := config.Opts("participant-client-check", r.Log)
	if err != nil {
		return nil, err
	}
	return kgo.NewClient(append(opts, kgo.RequestRetries(0), kgo.DialTimeout(stepTimeout))...)
}

// cluster logs in to the seed, then to every broker at its advertised address, and then checks the user's rights.
func (r *run) cluster(ctx context.Context, seed string) {
	client, err := r.client(seed)
	if err != nil {
		r.fail("login", "%v", err)
		return
	}
	defer client.Close()

	meta, err := r.metadata(ctx, client)
	if err != nil {
		r.fail("login", "%s  %s", seed, r.loginCause(err, seed))
		return
	}
	as := "without a user: the cluster requires no login"
	if r.Kafka.LogsIn() {
		as = strings.TrimPrefix("as "+r.Kafka.Username+" with "+r.Kafka.SASL, "as  ")
	}
	r.ok("login", "at %s %s", seed, as)

	reached := false
	for _, b := range meta.Brokers {
		if r.broker(ctx, seed, b.NodeID, net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))) {
			reached = true
		}
	}
	if reached {
		r.rights(ctx, client)
		if r.Leaderboard == "" {
			r.recordClock(ctx, client)
		}
	}
}

func (r *run) metadata(ctx context.Context, client *kgo.Client) (*kmsg.MetadataResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{} // none: only the brokers are of interest
	resp, err := client.SeedBrokers()[0].Request(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp.(*kmsg.MetadataResponse), nil
}

// broker connects and logs in to one broker at its advertised address.
func (r *run) broker(ctx context.Context, seed string, id int32, addr string) bool {
	step := fmt.Sprintf("broker %d", id)
	ips, ok := r.lookup(ctx, step, addr)
	if !ok {
		return false
	}
	took, err := r.reach(ctx, addr, ips)
	if err != nil {
		if addr != seed {
			r.fail(step, "Reached %s, but it sends clients to %s, which can't be reached from here: tell the instructor.", seed, addr)
		} else {
			r.fail(step, "%s  %s", addr, r.cause(err, addr))
		}
		return false
	}

	client, err := r.client(addr)
	if err == nil {
		defer client.Close()
		_, err = r.metadata(ctx, client)
	}
	if err != nil {
		r.fail(step, "%s  %s", addr, r.loginCause(err, addr))
		return false
	}
	r.ok(step, "%s advertised, reached in %s, logged in", addr, round(took))
	return true
}

func round(d time.Duration) time.Duration {
	if d < time.Millisecond {
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(100 * time.Microsecond)
}
