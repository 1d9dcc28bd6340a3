package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kadm"
)

// A witness watches a room's first group through the admin API. It shares no code with the leaderboard.
type witness struct {
	admin        *kadm.Client
	group, topic string
	kip848       bool

	mu    sync.Mutex // guards what follows
	looks []look
}

// A look is the group's state at some moment between began and ended.
type look struct {
	began, ended time.Time
	stable       bool
	members      map[string][]int32 // partitions by member ID
	clients      map[string]string  // client IDs by member ID
	commits      map[int32]int64
	ends         map[int32]int64
}

func watch(t *testing.T, c *kafkatest.Cluster, kip848 bool) *witness {
	t.Helper()
	w := &witness{admin: c.Admin(t), group: c.Group(1), topic: c.Topic(), kip848: kip848}
	repeat(t, 100*time.Millisecond, func(ctx context.Context, _ int) {
		if l, err := w.describe(ctx); err == nil {
			w.mu.Lock()
			w.looks = append(w.looks, l)
			w.mu.Unlock()
		}
	})
	return w
}

func (w *witness) describe(ctx context.Context) (look, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	l := look{began: time.Now(), members: map[string][]int32{}, clients: map[string]string{}, commits: map[int32]int64{}, ends: map[int32]int64{}}
	describe := w.describeClassic
	if w.kip848 {
		describe = w.describeConsumer
	}
	if err := describe(ctx, &l); err != nil {
		return l, err
	}
	for id := range l.members {
		slices.Sort(l.members[id])
	}

	commits, err := w.admin.FetchOffsets(ctx, w.group)
	if err != nil {
		return l, err
	}
	commits.Each(func(o kadm.OffsetResponse) {
		if o.Topic == w.topic && o.At >= 0 {
			l.commits[o.Partition] = o.At
		}
	})
	ends, err := w.admin.ListEndOffsets(ctx, w.topic)
	if err != nil {
		return l, err
	}
	ends.Each(func(o kadm.ListedOffset) { l.ends[o.Partition] = o.Offset })
	l.ended = time.Now()
	return l, nil
}

func (w *witness) describeClassic(ctx context.Context, l *look) error {
	groups, err := w.admin.DescribeGroups(ctx, w.group)
	if err != nil {
		return err
	}
	g := groups[w.group]
	l.stable = g.State == "Stable"
	for _, m := range g.Members {
		l.clients[m.MemberID], l.members[m.MemberID] = m.ClientID, nil
		if assigned, ok := m.Assigned.AsConsumer(); ok {
			for _, t := range assigned.Topics {
				if t.Topic == w.topic {
					l.members[m.MemberID] = append(l.members[m.MemberID], t.Partitions...)
				}
			}
		}
	}
	return nil
}

func (w *witness) describeConsumer(ctx context.Context, l *look) error {
	groups, err := w.admin.DescribeConsumerGroups(ctx, w.group)
	if err != nil {
		return err
	}
	g := groups[w.group]
	l.stable = g.State == "Stable"
	for _, m := range g.Members {
		l.clients[m.MemberID] = m.ClientID
		l.members[m.MemberID] = slices.Collect(maps.Keys(m.Assignment[w.topic]))
		l.stable = l.stable && maps.Equal(m.Assignment[w.topic], m.TargetAssignment[w.topic])
	}
	return nil
}

// seen returns the looks so far.
func (w *witness) seen() []look {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.looks)
}

// until waits for a look that begins from now on and for which ok returns true.
func (w *witness) until(t *testing.T, what string, ok func(look) bool) look {
	t.Helper()
	from := time.Now()
	var found look
	wait.Until(t, what, func() bool {
		looks := w.seen()
		if len(looks) == 0 {
			return false
		}
		found = looks[len(looks)-1]
		return found.began.After(from) && ok(found)
	})
	return found
}

// settled waits until that many members own every partition.
func (w *witness) settled(t *testing.T, members int) look {
	t.Helper()
	return w.until(t, strconv.Itoa(members)+" members that own everything", func(l look) bool {
		return l.stable && len(l.members) == members && len(l.owners()) == len(l.ends)
	})
}

// owners returns the owner's member ID by partition.
func (l look) owners() map[int32]string {
	out := map[int32]string{}
	for id, partitions := range l.members {
		for _, p := range partitions {
			out[p] = id
		}
	}
	return out
}

// sizes returns how the partitions are shared, for example "3 + 2".
func (l look) sizes() string {
	var sizes []int
	for _, partitions := range l.members {
		sizes = append(sizes, len(partitions))
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	var out []string
	for _, n := range sizes {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, " + ")
}

// lastWith returns the last look that had the member, and the first later one without it.
func (w *witness) lastWith(member string) (with, without look) {
	for _, l := range w.seen() {
		if _, there := l.members[member]; there {
			with, without = l, look{}
		} else if without.began.IsZero() && !with.began.IsZero() {
			without = l
		}
	}
	return with, without
}
