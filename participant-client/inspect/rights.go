package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// rights asks the cluster what this user may do with what the lesson needs. Nothing is read,
// written or joined for it.
func (r *run) rights(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, 2*Patience)
	defer cancel()
	r.topicRight(ctx, client, "read", r.Topic, kmsg.ACLOperationRead)
	r.groupRight(ctx, client)
	for _, topic := range r.Writes {
		r.topicRight(ctx, client, "write", topic, kmsg.ACLOperationWrite)
	}
	if r.TxnID != "" {
		r.txnRight(ctx, client)
	}
}

func (r *run) topicRight(ctx context.Context, client *kgo.Client, step, topic string, op kmsg.ACLOperation) {
	req := kmsg.NewPtrMetadataRequest()
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &topic
	req.Topics = append(req.Topics, t)
	req.IncludeTopicAuthorizedOperations = true
	resp, err := req.RequestWith(ctx, client)
	if err == nil && len(resp.Topics) == 1 {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	switch {
	case err != nil:
		r.fail(step, "topic %s  %s", topic, r.cause(err, ""))
	case len(resp.Topics) != 1 || !may(resp.Topics[0].AuthorizedOperations, op):
		r.fail(step, "topic %s  %s", topic, fault.Explain(kerr.TopicAuthorizationFailed, ""))
	default:
		r.ok(step, "topic %s, %s", topic, count(len(resp.Topics[0].Partitions), "partition"))
	}
}

func (r *run) groupRight(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	rights, err := r.groupRights(ctx, client)
	for tick := time.NewTicker(200 * time.Millisecond); coming(err) && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-tick.C:
			rights, err = r.groupRights(ctx, client)
		}
	}
	switch {
	case coming(err):
		r.fail("group", "%s  The cluster has no coordinator for groups yet (%v): is it just starting? Try again.", r.Group, err)
	case err != nil:
		r.fail("group", "%s  %s", r.Group, r.cause(err, ""))
	case !may(rights, kmsg.ACLOperationRead):
		r.fail("group", "%s  %s", r.Group, fault.Explain(kerr.GroupAuthorizationFailed, ""))
	default:
		r.ok("group", "%s may be joined", r.Group)
	}
}

// coming reports a coordinator that a new cluster makes when it is first asked for one.
func coming(err error) bool {
	return errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.CoordinatorLoadInProgress) || errors.Is(err, kerr.NotCoordinator)
}

// groupRights is what this user may do with the group.
func (r *run) groupRights(ctx context.Context, client *kgo.Client) (int32, error) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = []string{r.Group}
	req.IncludeAuthorizedOperations = true
	resp, err := req.RequestWith(ctx, client)
	if err != nil || len(resp.Groups) != 1 {
		return 0, err
	}
	err = kerr.ErrorForCode(resp.Groups[0].ErrorCode)
	if errors.Is(err, kerr.GroupIDNotFound) {
		// Brokers from 4.0 on answer for a group that does not exist yet with an error and no rights.
		return unknownRights, r.groupOffsets(ctx, client)
	}
	return resp.Groups[0].AuthorizedOperations, err
}

// groupOffsets asks for the commits of the group, which needs the right to describe it.
func (r *run) groupOffsets(ctx context.Context, client *kgo.Client) error {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = r.Group
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = r.Group
	req.Groups = append(req.Groups, g)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, g := range resp.Groups {
		if err := kerr.ErrorForCode(g.ErrorCode); err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
			return err
		}
	}
	return nil
}

func (r *run) txnRight(ctx context.Context, client *kgo.Client) {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorType = 1 // of a transaction
	req.CoordinatorKey = r.TxnID
	req.CoordinatorKeys = []string{r.TxnID}
	resp, err := req.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
		for _, c := range resp.Coordinators {
			if err == nil {
				err = kerr.ErrorForCode(c.ErrorCode)
			}
		}
	}
	if coming(err) {
		err = nil // allowed: Kafka makes the topic of transactions when the first one asks
	}
	if err != nil {
		r.fail("exactly-once", "%s  %s", r.TxnID, r.cause(err, ""))
		return
	}
	r.ok("exactly-once", "transactional id %s", r.TxnID)
}

// unknownRights is what a broker answers that does not tell rights.
const unknownRights = -1 << 31

func may(rights int32, op kmsg.ACLOperation) bool {
	return rights == unknownRights || rights&(1<<int32(op)) != 0
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
