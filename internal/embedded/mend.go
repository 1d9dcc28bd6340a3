package embedded

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// withheld is DescribeTopicPartitions: the tools of Kafka 4.3 crash on the library's answer, and ask for
// Metadata where a broker lacks it.
const withheld = int16(kmsg.DescribeTopicPartitions)

// lookedInto are requests that are read whole.
func lookedInto(key int16) bool {
	switch kmsg.Key(key) {
	case kmsg.JoinGroup, kmsg.ConsumerGroupHeartbeat, kmsg.OffsetFetch, kmsg.ApiVersions, kmsg.ListGroups,
		kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe, kmsg.ShareGroupDescribe:
		return true
	}
	return false
}

// mend changes an answer to what Kafka would give.
func (w *wire) mend(request kmsg.Request, answer kmsg.Response) {
	switch a := answer.(type) {
	case *kmsg.ApiVersionsResponse:
		a.ApiKeys = slices.DeleteFunc(a.ApiKeys, func(k kmsg.ApiVersionsResponseApiKey) bool { return k.ApiKey == withheld })
	case *kmsg.OffsetFetchResponse:
		mendOffsets(request.(*kmsg.OffsetFetchRequest), a)
	case *kmsg.DescribeGroupsResponse:
		for i := range a.Groups {
			for j := range a.Groups[i].Members {
				m := &a.Groups[i].Members[j]
				m.ClientHost = host(m.ClientHost)
			}
		}
	case *kmsg.ShareGroupDescribeResponse:
		for i := range a.Groups {
			for j := range a.Groups[i].Members {
				m := &a.Groups[i].Members[j]
				m.ClientHost = host(m.ClientHost)
			}
		}
	case *kmsg.ConsumerGroupDescribeResponse:
		for i := range a.Groups {
			w.mendGroup(&a.Groups[i])
		}
	}
}

// host is an address as Java prints it.
func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return "/" + h
	}
	return address
}

// mendGroup gives members the topics' names and expressions that the library leaves out.
func (w *wire) mendGroup(g *kmsg.ConsumerGroupDescribeResponseGroup) {
	for i := range g.Members {
		m := &g.Members[i]
		m.ClientHost = host(m.ClientHost)
		if m.SubscribedTopicRegex == nil {
			m.SubscribedTopicRegex = w.regexes.of(g.Group, m.MemberID)
		}
		for _, a := range []kmsg.Assignment{m.Assignment, m.TargetAssignment} {
			for j := range a.TopicPartitions {
				if t := &a.TopicPartitions[j]; t.Topic == "" {
					t.Topic = w.topics.name(w.client, t.TopicID)
				}
			}
		}
	}
}

// mendOffsets answers -1 for a group that is not there: it has committed nothing, which is no error.
func mendOffsets(request *kmsg.OffsetFetchRequest, answer *kmsg.OffsetFetchResponse) {
	unsaid := answer.Version < 2 && len(answer.Topics) == 0 // these have no place for the error
	if answer.Version < 8 && (unsaid || answer.ErrorCode == kerr.GroupIDNotFound.Code) {
		answer.ErrorCode, answer.Topics = 0, nil
		for _, asked := range request.Topics {
			t := kmsg.NewOffsetFetchResponseTopic()
			t.Topic = asked.Topic
			for _, p := range asked.Partitions {
				none := kmsg.NewOffsetFetchResponseTopicPartition()
				none.Partition, none.Offset, none.LeaderEpoch, none.Metadata = p, -1, -1, kmsg.StringPtr("")
				t.Partitions = append(t.Partitions, none)
			}
			answer.Topics = append(answer.Topics, t)
		}
	}

	for i := range answer.Groups {
		g := &answer.Groups[i]
		if g.ErrorCode != kerr.GroupIDNotFound.Code || i >= len(request.Groups) || request.Groups[i].Group != g.Group {
			continue
		}
		g.ErrorCode, g.Topics = 0, nil
		for _, asked := range request.Groups[i].Topics {
			t := kmsg.NewOffsetFetchResponseGroupTopic()
			t.Topic, t.TopicID = asked.Topic, asked.TopicID
			for _, p := range asked.Partitions {
				none := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				none.Partition, none.Offset, none.LeaderEpoch, none.Metadata = p, -1, -1, kmsg.StringPtr("")
				t.Partitions = append(t.Partitions, none)
			}
			g.Topics = append(g.Topics, t)
		}
	}
}

// topicNames are names by id, asked for once.
type topicNames struct {
	mu   sync.Mutex
	byID map[[16]byte]string
}

func (n *topicNames) name(client *kgo.Client, id [16]byte) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name, known := n.byID[id]; known {
		return name
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	request := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.TopicID = id
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(ctx, client)
	if err != nil || len(answer.Topics) != 1 || answer.Topics[0].Topic == nil || answer.Topics[0].ErrorCode != 0 {
		return ""
	}
	if n.byID == nil {
		n.byID = map[[16]byte]string{}
	}
	n.byID[id] = *answer.Topics[0].Topic
	return n.byID[id]
}

// expressions are what members subscribe by, as they last said.
type expressions struct {
	mu sync.Mutex
	by map[member]string
}

const mostExpressions = 10_000 // members that left without a word are forgotten with the rest

func (e *expressions) note(r *kmsg.ConsumerGroupHeartbeatRequest) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := member{r.Group, r.MemberID}
	switch {
	case r.MemberEpoch < 0:
		delete(e.by, m)
	case r.SubscribedTopicRegex != nil:
		if e.by == nil || len(e.by) >= mostExpressions {
			e.by = map[member]string{}
		}
		e.by[m] = *r.SubscribedTopicRegex
	}
}

func (e *expressions) of(group, id string) *string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if text, known := e.by[member{group, id}]; known && text != "" {
		return &text
	}
	return nil
}
