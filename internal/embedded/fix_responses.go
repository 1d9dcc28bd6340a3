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

// unsupported is a request that we do not offer: the tools of Kafka 4.3 crash on the library's response to
// DescribeTopicPartitions, and send Metadata to brokers without it.
const unsupported = int16(kmsg.DescribeTopicPartitions)

// isParsed reports whether requests of this kind are parsed. All others are passed on unread.
func isParsed(key int16) bool {
	switch kmsg.Key(key) {
	case kmsg.JoinGroup, kmsg.ConsumerGroupHeartbeat, kmsg.OffsetFetch, kmsg.ApiVersions, kmsg.ListGroups,
		kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe, kmsg.ShareGroupDescribe, kmsg.ShareFetch:
		return true
	}
	return false
}

// fix changes a response to what Kafka would return.
func (w *wire) fix(request kmsg.Request, response kmsg.Response) {
	switch a := response.(type) {
	case *kmsg.ApiVersionsResponse:
		a.ApiKeys = slices.DeleteFunc(a.ApiKeys, func(k kmsg.ApiVersionsResponseApiKey) bool { return k.ApiKey == unsupported })
	case *kmsg.OffsetFetchResponse:
		fixOffsets(request.(*kmsg.OffsetFetchRequest), a)
	case *kmsg.DescribeGroupsResponse:
		for i := range a.Groups {
			for j := range a.Groups[i].Members {
				m := &a.Groups[i].Members[j]
				m.ClientHost = javaHost(m.ClientHost)
			}
		}
	case *kmsg.ShareGroupDescribeResponse:
		for i := range a.Groups {
			for j := range a.Groups[i].Members {
				m := &a.Groups[i].Members[j]
				m.ClientHost = javaHost(m.ClientHost)
			}
		}
	case *kmsg.ShareFetchResponse:
		for i := range a.Topics {
			for j := range a.Topics[i].Partitions {
				if p := &a.Topics[i].Partitions[j]; p.Records == nil { // Java's client rejects null
					p.Records = []byte{}
				}
			}
		}
	case *kmsg.ConsumerGroupDescribeResponse:
		for i := range a.Groups {
			w.fixGroup(&a.Groups[i])
		}
	}
}

// javaHost formats an address as Java does.
func javaHost(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return "/" + h
	}
	return address
}

// fixGroup adds the topic names and regular expressions of members, which the library leaves out.
func (w *wire) fixGroup(g *kmsg.ConsumerGroupDescribeResponseGroup) {
	for i := range g.Members {
		m := &g.Members[i]
		m.ClientHost = javaHost(m.ClientHost)
		if m.SubscribedTopicRegex == nil {
			m.SubscribedTopicRegex = w.regexes.lookup(g.Group, m.MemberID)
		}

		for _, a := range []kmsg.Assignment{m.Assignment, m.TargetAssignment} {
			for j := range a.TopicPartitions {
				if t := &a.TopicPartitions[j]; t.Topic == "" {
					t.Topic = w.topics.lookup(w.client, t.TopicID)
				}
			}
		}
	}
}

// fixOffsets returns -1 for a group that does not exist: it has no commits, which is not an error.
func fixOffsets(request *kmsg.OffsetFetchRequest, answer *kmsg.OffsetFetchResponse) {
	noErrorField := answer.Version < 2 && len(answer.Topics) == 0
	if answer.Version < 8 && (noErrorField || answer.ErrorCode == kerr.GroupIDNotFound.Code) {
		answer.ErrorCode = 0
		answer.Topics = nil
		for _, asked := range request.Topics {
			t := kmsg.NewOffsetFetchResponseTopic()
			t.Topic = asked.Topic
			for _, p := range asked.Partitions {
				none := kmsg.NewOffsetFetchResponseTopicPartition()
				none.Partition = p
				none.Offset = -1
				none.LeaderEpoch = -1
				none.Metadata = kmsg.StringPtr("")
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

		g.ErrorCode = 0
		g.Topics = nil
		for _, asked := range request.Groups[i].Topics {
			t := kmsg.NewOffsetFetchResponseGroupTopic()
			t.Topic = asked.Topic
			t.TopicID = asked.TopicID
			for _, p := range asked.Partitions {
				none := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				none.Partition = p
				none.Offset = -1
				none.LeaderEpoch = -1
				none.Metadata = kmsg.StringPtr("")
				t.Partitions = append(t.Partitions, none)
			}

			g.Topics = append(g.Topics, t)
		}
	}
}

// topicNames caches topic names by ID.
type topicNames struct {
	mu   sync.Mutex
	byID map[[16]byte]string
}

func (n *topicNames) lookup(client *kgo.Client, id [16]byte) string {
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

// regexes holds the regular expressions by which members subscribe, from their heartbeats.
type regexes struct {
	mu sync.Mutex
	by map[member]string
}

const maxRegexes = 10_000 // when it is reached, all are dropped: members may be gone without having left

func (e *regexes) record(r *kmsg.ConsumerGroupHeartbeatRequest) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := member{r.Group, r.MemberID}
	switch {
	case r.MemberEpoch < 0:
		delete(e.by, m)
	case r.SubscribedTopicRegex != nil:
		if e.by == nil || len(e.by) >= maxRegexes {
			e.by = map[member]string{}
		}
		e.by[m] = *r.SubscribedTopicRegex
	}
}

func (e *regexes) lookup(group, id string) *string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if text, known := e.by[member{group, id}]; known && text != "" {
		return &text
	}
	return nil
}
