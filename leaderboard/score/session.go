package score

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	turn      = 100 * time.Millisecond // at most until users are looked after when no team works
	batch     = 5000                   // actions that are judged together
	lookAgain = 2 * time.Second        // whether topics were made, made anew or given partitions
	stuck     = 10 * time.Second       // without a record that is known to be there

	tryPartial = 5 * time.Second // until partitions that gave no answer are asked again
)

// A session reads with two clients until something about the topics changes. Actions are read in
// batches: once a batch is at hand, the users are read to the end that new_users has then, so that
// a customer who is not among them was not produced.
type session struct {
	*Scorer
	users, work *kgo.Client
	topics      map[string]found
	beganAt     time.Time
	lookedAt    time.Time
	emittedAt   time.Time
	emit        func(game.Scores)
	held        kgo.Fetches // new actions, until all that was counted before has been read again
	dirty       bool        // counts may have changed
}

func (s *Scorer) session(ctx context.Context, emit func(game.Scores)) error {
	users, err := s.client(nil)
	if err != nil {
		return err
	}
	topics, err := s.arrange(ctx, users)
	users.Close()
	if err != nil {
		return err
	}
	n := &session{Scorer: s, topics: topics, beganAt: time.Now(), lookedAt: time.Now(), emit: emit}
	if n.users, err = s.client(func(src *source) bool { return src.kind == usersTopic }); err != nil {
		return err
	}
	defer n.users.Close()
	if n.work, err = s.client(func(src *source) bool { return src.kind != usersTopic }); err != nil {
		return err
	}
	defer n.work.Close()
	for {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.waits():
			return errRound
		}
		if err := n.turn(ctx); err != nil {
			return err
		}
		n.settle()
		n.report(time.Now())
		if err := n.look(ctx); err != nil {
			return err
		}
	}
}

// client consumes the sources that which picks, from where each stands, read-committed. Control
// records are kept: they take up offsets, and a log may end with one.
func (s *Scorer) client(which func(*source) bool) (*kgo.Client, error) {
	opts, err := s.cfg.Kafka.Opts("leaderboard-score", s.cfg.Log)
	if err != nil {
		return nil, err
	}
	opts = append(opts, s.cfg.Opts...)
	from := map[string]map[int32]kgo.Offset{}
	for at, src := range s.sources {
		if which == nil || src.away || !which(src) {
			continue
		}
		if from[at.topic] == nil {
			from[at.topic] = map[int32]kgo.Offset{}
		}
		from[at.topic][at.partition] = kgo.NoResetOffset().At(src.next)
	}
	if len(from) > 0 {
		opts = append(opts,
			kgo.ConsumePartitions(from), kgo.ConsumeResetOffset(kgo.NoResetOffset()),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
			kgo.FetchMaxBytes(8<<20), kgo.FetchMaxWait(500*time.Millisecond),
		)
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	return client, nil
}

// turn reads a batch of what teams wrote, if there is any, then the users, then judges.
func (n *session) turn(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, turn)
	fetches := n.work.PollRecords(wait, n.batch)
	cancel()
	if err := failure(fetches); err != nil {
		return err
	}
	if n.settled {
		fetches = append(n.release(), fetches...)
	}
	if fetches.NumRecords() == 0 {
		for range 20 { // then the teams have their turn
			got := n.users.PollRecords(nil, batch) //nolint:staticcheck // nil takes what is at hand
			if err := n.takeUsers(got); err != nil {
				return err
			}
			if got.NumRecords() == 0 {
				break
			}
		}
		return nil
	}
	if err := n.catchUp(ctx); err != nil {
		return err
	}
	n.takeWork(fetches, time.Now())
	return nil
}

// catchUp reads users to where new_users ends now.
func (n *session) catchUp(ctx context.Context) error {
	var spots []spot
	for at, src := range n.sources {
		if src.kind == usersTopic && !src.away {
			spots = append(spots, at)
		}
	}
	target, err := ends(ctx, n.users, spots, -1, true)
	if err != nil {
		return err
	}
	behind := func() bool {
		for at, end := range target {
			if n.sources[at].next < end {
				return true
			}
		}
		return false
	}
	for moved := time.Now(); behind(); {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait, cancel := context.WithTimeout(ctx, lookAgain)
		fetches := n.users.PollRecords(wait, batch)
		cancel()
		if err := n.takeUsers(fetches); err != nil {
			return err
		}
		if fetches.NumRecords() > 0 {
			moved = time.Now()
			continue
		}
		if err := n.look(ctx); err != nil {
			return err
		}
		if time.Since(moved) > stuck {
			return errors.New("new_users gives no records, though it has some")
		}
	}
	return nil
}

// failure is the first error of a fetch that is not about waiting.
func failure(fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if errors.Is(e.Err, context.DeadlineExceeded) || errors.Is(e.Err, context.Canceled) {
			continue
		}
		return fmt.Errorf("read %s, partition %d: %w", e.Topic, e.Partition, e.Err)
	}
	return nil
}

func (n *session) takeUsers(fetches kgo.Fetches) error {
	n.take(fetches, func(r *kgo.Record, _ *source) { n.ledger.user(r.Value, r.Timestamp) })
	return failure(fetches)
}

func (n *session) takeWork(fetches kgo.Fetches, now time.Time) {
	if !n.settled {
		fetches = n.hold(fetches)
	}
	n.take(fetches, func(r *kgo.Record, src *source) {
		replay := r.Offset < src.upto
		if src.kind == actionsTopic {
			n.ledger.action(src.team, r.Value, r.Timestamp, now, replay)
			return
		}
		headers := make(map[string]string, len(r.Headers))
		for _, h := range r.Headers {
			headers[h.Key] = string(h.Value)
		}
		n.ledger.stats(src.team, report{key: string(r.Key), value: r.Value, headers: headers, at: r.Timestamp}, now, replay)
	})
}

// report hands on the counts, seldom enough for the room and often enough to show that it lives.
func (n *session) report(now time.Time) {
	due := n.cfg.Every
	if !n.dirty && len(n.notes) == 0 {
		due = beat
	}
	if !n.settled || now.Sub(n.emittedAt) < due {
		return
	}
	n.ledger.advance(now)
	out := game.Scores{
		At: now, Round: n.round.Number, Teams: n.ledger.works(), Offsets: n.offsets(),
		Evicted: n.ledger.users.gone, Notes: n.notes,
	}
	for _, src := range n.sources {
		out.Behind += max(src.end-src.next, 0)
	}
	n.emittedAt, n.dirty, n.notes, n.last = now, false, nil, out
	n.emit(out)
}

// look notices topics that were made, made anew, or given partitions; and a cluster that is gone.
func (n *session) look(ctx context.Context) error {
	if time.Since(n.lookedAt) < lookAgain {
		return nil
	}
	topics, err := n.Scorer.look(ctx, n.users)
	if err != nil {
		return err
	}
	n.lookedAt = time.Now()
	same := func(a, b found) bool {
		return a.id == b.id && a.partitions == b.partitions && errors.Is(a.err, b.err)
	}
	if !maps.EqualFunc(topics, n.topics, same) || n.partial && time.Since(n.beganAt) > tryPartial {
		return errLayout
	}
	return nil
}
