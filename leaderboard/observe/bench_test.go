package observe

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// BenchmarkSweep looks at 1,000 KIP-848 groups of 5 members each, with five commits a group.
func BenchmarkSweep(b *testing.B) {
	const teams, members = 1000, 5
	r := newRoom(b, teams)
	client := r.Client(b)
	adm := r.Admin(b)
	beat := func(group, id string) {
		req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		req.Group, req.MemberID, req.MemberEpoch, req.RebalanceTimeoutMillis = group, id, 0, 60_000
		req.SubscribedTopicNames, req.Topics = []string{r.topic}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
		resp, err := req.RequestWith(b.Context(), client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	ends, err := adm.ListEndOffsets(b.Context(), r.topic)
	if err != nil {
		b.Fatal(err)
	}
	for team := range teams {
		group := r.Group(team + 1)
		if _, err := adm.CommitOffsets(b.Context(), group, ends.Offsets()); err != nil {
			b.Fatal(err)
		}
		for m := range members {
			beat(group, fmt.Sprintf("member-%06d-%d", team, m))
		}
	}
	if s := r.sweeper.sweep(b.Context(), time.Now()); s.Err != "" || len(s.Groups[teams-1].Members) != members {
		b.Fatalf("the first sweep: %q, %+v", s.Err, s.Groups[teams-1])
	}
	b.ResetTimer()
	for b.Loop() {
		if s := r.sweeper.sweep(b.Context(), time.Now()); s.Err != "" {
			b.Fatal(s.Err)
		}
	}
}
