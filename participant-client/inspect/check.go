package inspect

import (
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

// A Check looks for what keeps a laptop out of the lesson, step by step, one line each.
type Check struct {
	Kafka       kafka.Config
	Group       string
	Topic       string
	Writes      []string // topics that the lesson writes to
	TxnID       string   // a transactional id of the team, if the lesson has any
	Leaderboard string   // URL, if known: the clock is compared with it
	Log         *slog.Logger

	// Now is the laptop's clock; nil is time.Now.
	Now func() time.Time
}

// Patience is how long one step of a check may take.
const Patience = 4 * time.Second

// run is a check under way.
type run struct {
	Check
	out      io.Writer
	failed   int
	steps    int
	boardUp  bool
	writeErr error
}

// Run prints a line per step. It goes on after a step that failed as far as that makes sense, and
// its error then says how many did.
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

func (r *run) ok(step, format string, args ...any) { r.line("ok", step, fmt.Sprintf(format, args...)) }

func (r *run) fail(step, format string, args ...any) {
	r.failed++
	r.line("FAIL", step, fmt.Sprintf(format, args...))
}

func (r *run) line(verdict, step, text string) {
	r.steps++
	if _, err := fmt.Fprintf(r.out, "%-4s  %-12s  %s\n", verdict, step, text); err != nil {
		r.writeErr = err
	}
}

// seeds looks up and connects to the addresses of --brokers; the first that answers is the way in.
func (r *run) seeds(ctx context.Context) string {
	way := ""
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
		if way == "" {
			way = addr
		}
	}
	return way
}

// cause is the likely one. What the board's answer tells of the network is taken into account.
func (r *run) cause(err error, addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	if fault.TimedOut(err) && r.Leaderboard != "" {
		if r.boardUp {
			return fmt.Sprintf("Your network blocks port %s: leave the VPN or use another network.", port)
		}
		return "Neither the broker nor the leaderboard answers. This wifi separates laptops: use another."
	}
	return fault.Explain(err, addr)
}

// loginCause is the likely one of a login that failed at an address that does answer.
func (r *run) loginCause(err error, addr string) string {
	var first *kgo.ErrFirstReadEOF
	switch {
	case fault.TimedOut(err) && (r.Kafka.TLS || r.Kafka.CA != ""):
		return "It answers nothing to TLS: leave --tls and --ca away, or ask for the port that speaks it."
	case fault.TimedOut(err):
		return "The connection stands, but no byte comes back: a VPN or proxy may be in the way. Leave it or use another network."
	case errors.Is(err, io.EOF) && !errors.As(err, &first) && r.Kafka.Username != "":
		return "The broker broke the login off: check --username and KAFKA_PASSWORD."
	}
	return fault.Explain(err, addr)
}

// client is one that knows addr alone; the end of the check closes it.
func (r *run) client(addr string) (*kgo.Client, error) {
	config := r.Kafka
	config.Brokers = []string{addr}
	opts, err := config.Opts("participant-client-check", r.Log)
	if err != nil {
		return nil, err
	}
	return kgo.NewClient(append(opts, kgo.RequestRetries(0), kgo.DialTimeout(Patience))...)
}

// cluster logs in where the way in is, then reaches every broker where the cluster says that it is,
// then asks for the rights.
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
	who := "nobody: the cluster asks for no login"
	if r.Kafka.Username != "" {
		who = r.Kafka.Username + " by " + r.Kafka.SASL
	}
	r.ok("login", "at %s as %s", seed, who)
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
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{} // none: the brokers are all that is wanted
	resp, err := client.SeedBrokers()[0].Request(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp.(*kmsg.MetadataResponse), nil
}

// broker reaches and logs in to one broker at its advertised address.
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
