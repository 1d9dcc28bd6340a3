package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// FreshFor is how long a View that was read is shown, counted from its arrival.
const FreshFor = 5 * time.Second

const (
	writeEvery  = 250 * time.Millisecond
	grownEvery  = 4 // every fourth write includes what grows during a round
	writeWithin = 3 * time.Second
	headerTerm  = "term"
)

// Config configures a Replica.
type Config struct {
	Kafka kafka.Config
	Room  workshop.Room
	Show  func(game.View) // shows a View; calls do not overlap
	Log   *slog.Logger
	Now   func() time.Time // time.Now when nil
}

// A Replica decides which View this leaderboard shows: its own while it holds the room, otherwise the holder's.
type Replica struct {
	cfg    Config
	client *kgo.Client

	mu      sync.Mutex // guards what follows; held while a View is shown
	latest  *game.View // of our own, to be written; nil once written
	own     int64      // the term of our last own View; 0 while we do not hold the room
	read    int64      // the term of the last View that was read
	readAt  time.Time  // when it arrived; zero before the first View written since we began
	liveEnd int64      // offsets below were written before we began
}

// New creates the client. Nothing runs yet.
func New(cfg Config) (*Replica, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	opts, err := cfg.Kafka.Opts("leaderboard-view", cfg.Log)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(append(opts, kgo.RecordDeliveryTimeout(writeWithin), kgo.RecordRetries(5))...)
	if err != nil {
		return nil, fmt.Errorf("create the client for %s: %w", cfg.Room.ViewTopic(), err)
	}
	return &Replica{cfg: cfg, client: client}, nil
}

// Close closes the client.
func (r *Replica) Close() { r.client.Close() }

// Run writes and reads until ctx ends.
func (r *Replica) Run(ctx context.Context) error {
	var reading sync.WaitGroup
	reading.Go(func() { r.follow(ctx) })
	r.write(ctx)
	reading.Wait()
	return ctx.Err()
}

// Offer passes in our own View. It is shown unless another leaderboard holds the room and its View is known.
func (r *Replica) Offer(v game.View) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own = v.Term
	if v.Term > 0 {
		r.latest = &v
	}
	if !r.following() {
		r.cfg.Show(v)
	}
}

// following reports whether another holder's View is shown.
func (r *Replica) following() bool {
	return r.read > r.own && !r.readAt.IsZero() && r.cfg.Now().Sub(r.readAt) < FreshFor
}

// Following reports whether another leaderboard's View is shown and is fresh.
func (r *Replica) Following() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.following()
}

// write writes the latest of our own Views every writeEvery.
func (r *Replica) write(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	var on *written
	var term int64
	failing := false
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		v := r.toWrite()
		if v == nil {
			continue
		}
		grown := n%grownEvery == 0
		if on == nil || v.Term != term { // what another holder wrote is unknown
			on, term, grown = newWritten(r.cfg.Room.Lesson.Name), v.Term, true
		}
		err := r.produce(ctx, on.changes(v.Public, v.Term, r.cfg.Now(), grown), v.Term)
		if err != nil {
			on = nil
		}
		if err != nil && !failing && ctx.Err() == nil {
			r.cfg.Log.Warn("cannot write what the other leaderboards show; retrying", "topic", r.cfg.Room.ViewTopic(), "error", err)
		}
		failing = err != nil
	}
}

func (r *Replica) toWrite() *game.View {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.latest
	r.latest = nil
	if v != nil && v.Term < r.read {
		return nil // another leaderboard holds the room
	}
	return v
}

func (r *Replica) produce(ctx context.Context, parts []record, term int64) error {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	header := []kgo.RecordHeader{{Key: headerTerm, Value: strconv.AppendInt(nil, term, 10)}}
	records := make([]*kgo.Record, len(parts))
	for i, p := range parts {
		records[i] = &kgo.Record{Topic: r.cfg.Room.ViewTopic(), Key: []byte(p.key), Value: p.value, Headers: header}
	}
	return r.client.ProduceSync(ctx, records...).FirstErr()
}

// follow reads the Views that holders write, including our own, and shows those of another holder.
func (r *Replica) follow(ctx context.Context) {
	view := newReceived(r.cfg.Room.Lesson.Name)
	kafka.Follower{
		Topic: r.cfg.Room.ViewTopic(), Log: r.cfg.Log,
		Located: func(end int64) { r.liveEnd = end },
		Record: func(rec kafka.Record) {
			if rec.Value == nil {
				return
			}
			term, err := termOf(rec)
			if err != nil {
				r.cfg.Log.Debug("read a part of the view", "error", err)
				return
			}
			whole, err := view.add(string(rec.Key), rec.Value, term)
			if err != nil {
				r.cfg.Log.Debug("read a part of the view", "error", err)
			}
			if whole {
				r.received(view, rec.Offset >= r.liveEnd)
			}
		},
	}.Follow(ctx, r.client)
}

// received shows the View that was read if it is another holder's and was written since we began.
func (r *Replica) received(view *received, live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read = view.term
	if !live || view.term <= r.own {
		return
	}
	if b, ok := view.view(); ok {
		r.readAt = r.cfg.Now()
		r.cfg.Show(game.View{Public: b, Truth: b, Term: view.term})
	}
}

var errNoTerm = errors.New("a record without a term")

func termOf(r kafka.Record) (int64, error) {
	text, ok := r.Header(headerTerm)
	if !ok {
		return 0, errNoTerm
	}
	return strconv.ParseInt(text, 10, 64)
}
