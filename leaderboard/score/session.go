package score

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	turn      = 100 * time.Millisecond // at most until users are looked after when no team works
	batch     = 5000                   // records of one partition that are taken in together
	lookAgain = 2 * time.Second        // whether topics were made, made anew or given partitions
	stuck     = 10 * time.Second       // without a record that is known to be there

	tryPartial = 5 * time.Second // until partitions that gave no answer are asked again
	tryMoved   = time.Second     // the same for those whose leader changes
)

// A session reads until something about the topics changes. Actions are read in batches: once a batch
// is at hand, the users are read to the end that new_users has then, so that a customer who is not
// among them was not produced.
type session struct {
	*Scorer
	client    *kgo.Client
	fetcher   *kafka.Fetcher
	topics    map[string]kafka.TopicMetadata
	retryAt   time.Time // when to ask again for partitions that are away; zero for none
	lookedAt  time.Time
	emittedAt time.Time
	emit      func(game.Scores)
	dirty     bool // counts may have changed
}

func (s *Scorer) session(ctx context.Context, emit func(game.Scores)) error {
	opts, err := s.cfg.Kafka.Opts("leaderboard-score", s.cfg.Log)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(opts, s.cfg.Opts...)...)
	if err != nil {
		return fmt.Errorf("score: %w", err)
	}
	defer client.Close()

	topics, err := s.arrange(ctx, client)
	if err != nil {
		return err
	}
	n := &session{Scorer: s, client: client, fetcher: kafka.NewFetcher(client), topics: topics, lookedAt: time.Now(), emit: emit}
	if s.partial {
		n.retryAt = time.Now().Add(tryPartial)
	}

	for {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.resumes():
			return errResume
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

// turn reads a batch of what teams wrote, if there is any, then the users, then judges.
func (n *session) turn(ctx context.Context) error {
	work := n.fetch(ctx, turn, func(src *source) bool { return src.kind != usersTopic && n.due(src) })
	n.putAway(work)
	if !slices.ContainsFunc(work, brought) {
		for range 20 { // then the teams have their turn
			more, err := n.readUsers(ctx, 0)
			if err != nil || !more {
				return err
			}
		}
		return nil
	}

	if err := n.catchUp(ctx); err != nil {
		return err
	}
	for i := range work {
		if brought(work[i]) {
			n.takeWork(&work[i], time.Now())
		}
	}
	return nil
}

func brought(got kafka.Fetched) bool { return got.Err == nil && !got.Empty() }

// fetch asks for the sources that which picks. With none to ask for it waits: there may be some later.
func (n *session) fetch(ctx context.Context, wait time.Duration, which func(*source) bool) []kafka.Fetched {
	var from []kafka.Partition
	for at, src := range n.sources {
		if which(src) {
			topic := n.topics[at.topic]
			from = append(from, kafka.Partition{
				Topic: at.topic, ID: topic.ID, Number: at.partition, Leader: topic.Leaders[at.partition], Next: src.next,
			})
		}
	}
	if len(from) > 0 {
		return n.fetcher.Fetch(ctx, from, wait)
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
	return nil
}

// putAway leaves partitions of teams alone that could not be read, until they are asked for again.
// What was counted of them stands, and the others go on.
func (n *session) putAway(work []kafka.Fetched) {
	for i := range work {
		err := work[i].Err
		if err == nil || errors.Is(err, context.Canceled) {
			continue
		}
		if errors.Is(err, kerr.TopicAuthorizationFailed) {
			n.refuse(map[string]kafka.TopicMetadata{work[i].Topic: {Err: err}})
		}
		n.log.Debug("a partition is not read for a while", "topic", work[i].Topic, "partition", work[i].Number, "error", err)
		n.away(n.sources[spot{work[i].Topic, work[i].Number}], moved(err))
	}
}

func (n *session) away(src *source, moved bool) {
	src.away, n.partial = true, true
	again := time.Now().Add(tryPartial)
	if moved {
		again = time.Now().Add(tryMoved)
	}
	if n.retryAt.IsZero() || again.Before(n.retryAt) {
		n.retryAt = again
	}
}

// moved reports an error that another look at the topics mends: another leader, another start.
func moved(err error) bool {
	return errors.Is(err, kerr.OffsetOutOfRange) || kerr.IsRetriable(err)
}

// readUsers takes in what new_users has, and reports whether that was anything.
func (n *session) readUsers(ctx context.Context, wait time.Duration) (more bool, err error) {
	got := n.fetch(ctx, wait, func(src *source) bool { return src.kind == usersTopic && !src.away })
	for i := range got {
		at := spot{got[i].Topic, got[i].Number}
		switch err := got[i].Err; {
		case err == nil:
		case moved(err):
			return false, errLayout
		default:
			return false, fmt.Errorf("read %s, partition %d: %w", at.topic, at.partition, err)
		}
		progress, err := n.takeUsers(&got[i], time.Now())
		if err != nil {
			return false, fmt.Errorf("read %s, partition %d: %w", at.topic, at.partition, err)
		}
		more = more || progress
	}
	return more, nil
}

// catchUp reads users to where new_users ends now.
func (n *session) catchUp(ctx context.Context) error {
	var spots []spot
	for at, src := range n.sources {
		if src.kind == usersTopic && !src.away {
			spots = append(spots, at)
		}
	}
	target, err := ends(ctx, n.client, spots, -1, true)
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

	for progress := time.Now(); behind(); {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		more, err := n.readUsers(ctx, turn)
		switch {
		case err != nil:
			return err
		case more:
			progress = time.Now()
			continue
		case time.Since(progress) > stuck:
			return errors.New("new_users gives no records, though it has some")
		}
		if err := n.look(ctx); err != nil {
			return err
		}
	}
	return nil
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
	if !n.retryAt.IsZero() && time.Now().After(n.retryAt) {
		return errLayout
	}
	if time.Since(n.lookedAt) < lookAgain {
		return nil
	}
	topics, err := n.Scorer.look(ctx, n.client)
	if err != nil {
		return err
	}
	n.lookedAt = time.Now()
	same := func(a, b kafka.TopicMetadata) bool {
		return a.ID == b.ID && slices.Equal(a.Leaders, b.Leaders) && errors.Is(a.Err, b.Err)
	}
	if !maps.EqualFunc(topics, n.topics, same) {
		return errLayout
	}
	return nil
}
