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
	fetchWait        = 100 * time.Millisecond // longest wait for teams' records before users are read
	batch            = 5000                   // records of one partition that are judged together
	checkTopicsEvery = 2 * time.Second        // for topics that were created, recreated or extended
	stalledAfter     = 10 * time.Second       // without a record that is known to exist

	retryPartial = 5 * time.Second // until partitions that did not answer are fetched again
	retryMoved   = time.Second     // the same for partitions whose leader changes
)

// A session reads until the topics change. Actions are read in batches. Before a batch is judged, users are read to the end
// that new_users has at that time, so that a customer who is not among them was never produced.
type session struct {
	*Scorer
	client    *kgo.Client
	fetcher   *kafka.Fetcher
	topics    map[string]kafka.TopicMetadata
	retryAt   time.Time // when to fetch postponed partitions again; zero for none
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

	topics, err := s.placeSources(ctx, client)
	if err != nil {
		return err
	}
	n := &session{Scorer: s, client: client, fetcher: kafka.NewFetcher(client), topics: topics, lookedAt: time.Now(), emit: emit}
	if s.partial {
		n.retryAt = time.Now().Add(retryPartial)
	}

	for {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.resumes():
			return errResume
		}
		if err := n.readAndJudge(ctx); err != nil {
			return err
		}
		n.settle()
		n.report(time.Now())
		if err := n.checkTopics(ctx); err != nil {
			return err
		}
	}
}

// readAndJudge reads a batch of teams' records, if there are any, then the users, then judges the batch.
func (n *session) readAndJudge(ctx context.Context) error {
	work := n.fetch(ctx, fetchWait, func(src *source) bool { return src.kind != usersTopic && n.due(src) })
	n.postponeFailed(work)
	if !slices.ContainsFunc(work, hasRecords) {
		for range 20 { // then the teams' records again
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
		if hasRecords(work[i]) {
			n.judgeWork(&work[i], time.Now())
		}
	}
	return nil
}

func hasRecords(got kafka.Fetched) bool { return got.Err == nil && !got.Empty() }

// fetch fetches the sources that match. If none match, it waits, because some may match later.
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
	kafka.Sleep(ctx, wait)
	return nil
}

// postponeFailed postpones teams' partitions that could not be read. Their counts stay, and the other partitions continue.
func (n *session) postponeFailed(work []kafka.Fetched) {
	for i := range work {
		err := work[i].Err
		if err == nil || errors.Is(err, context.Canceled) {
			continue
		}
		if errors.Is(err, kerr.TopicAuthorizationFailed) {
			n.refuse(map[string]kafka.TopicMetadata{work[i].Topic: {Err: err}})
		}
		n.log.Debug("fetch failed; postponing the partition", "topic", work[i].Topic, "partition", work[i].Number, "error", err)
		n.postpone(n.sources[partitionID{work[i].Topic, work[i].Number}], moved(err))
	}
}

func (n *session) postpone(src *source, moved bool) {
	src.postponed, n.partial = true, true
	again := time.Now().Add(retryPartial)
	if moved {
		again = time.Now().Add(retryMoved)
	}
	if n.retryAt.IsZero() || again.Before(n.retryAt) {
		n.retryAt = again
	}
}

// moved reports whether fresh metadata helps: the partition has another leader, or another start.
func moved(err error) bool {
	return errors.Is(err, kerr.OffsetOutOfRange) || kerr.IsRetriable(err)
}

// readUsers indexes the next users of new_users, and reports whether there were any.
func (n *session) readUsers(ctx context.Context, wait time.Duration) (more bool, err error) {
	got := n.fetch(ctx, wait, func(src *source) bool { return src.kind == usersTopic && !src.postponed })
	for i := range got {
		at := partitionID{got[i].Topic, got[i].Number}
		switch err := got[i].Err; {
		case err == nil:
		case moved(err):
			return false, errLayout
		default:
			return false, fmt.Errorf("read %s, partition %d: %w", at.topic, at.partition, err)
		}
		progress, err := n.indexUsers(&got[i], time.Now())
		if err != nil {
			return false, fmt.Errorf("read %s, partition %d: %w", at.topic, at.partition, err)
		}
		more = more || progress
	}
	return more, nil
}

// catchUp reads users up to the current end of new_users.
func (n *session) catchUp(ctx context.Context) error {
	var spots []partitionID
	for at, src := range n.sources {
		if src.kind == usersTopic && !src.postponed {
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
		more, err := n.readUsers(ctx, fetchWait)
		switch {
		case err != nil:
			return err
		case more:
			progress = time.Now()
			continue
		case time.Since(progress) > stalledAfter:
			return errors.New("new_users returns no records, although it has some")
		}
		if err := n.checkTopics(ctx); err != nil {
			return err
		}
	}
	return nil
}

// report emits the counts if they are due: at most once per cfg.Every, and at least once per beat.
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
		Evicted: n.ledger.users.evicted, Notes: n.notes,
	}
	for _, src := range n.sources {
		out.Behind += max(src.end-src.next, 0)
	}
	n.emittedAt = now
	n.dirty = false
	n.notes = nil
	n.last = out
	n.emit(out)
}

// checkTopics detects topics that were created, recreated or extended, and a cluster that is unavailable.
func (n *session) checkTopics(ctx context.Context) error {
	if !n.retryAt.IsZero() && time.Now().After(n.retryAt) {
		return errLayout
	}
	if time.Since(n.lookedAt) < checkTopicsEvery {
		return nil
	}

	topics, err := n.readTopics(ctx, n.client)
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
