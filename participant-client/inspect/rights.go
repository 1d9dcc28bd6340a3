package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// rights asks the cluster which of the lesson's operations this user is authorized for. It reads, writes and joins nothing.
func (r *run) rights(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, 2*stepTimeout)
	defer cancel()

	r.topicRight(ctx, client, "read", r.Topic, kmsg.ACLOperationRead)
	r.groupRight(ctx, client)
	for _, topic := range r.Writes {
		r.topicRight(ctx, client, "write", topic, kmsg.ACLOperationWrite)
	}
	if r.TxnID != "" {
		r.transactionRight(ctx, client)
	}
}

func (r *run) topicRight(ctx context.Context, client *kgo.Client, step, topic string, op kmsg.ACLOperation) {
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &topic
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = append(req.Topics, t)
	req.IncludeTopicAuthorizedOperations = true
	resp, err := req.RequestWith(ctx, client)
	if err == nil && len(resp.Topics) == 1 {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}

	switch {
	case err != nil:
		r.fail(step, "topic %s  %s", topic, r.cause(err, ""))
	case len(resp.Topics) != 1 || !authorized(resp.Topics[0].AuthorizedOperations, op):
		r.fail(step, "topic %s  %s", topic, fault.Explain(kerr.TopicAuthorizationFailed, ""))
	default:
		r.ok(step, "topic %s, %s", topic, count(len(resp.Topics[0].Partitions), "partition"))
	}
}

func (r *run) groupRight(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	var rights int32
	var wrong *group.TypeError
	err := whileStarting(ctx, func() (err error) {
		if rights, err = r.groupRights(ctx, client); err != nil {
			return err
		}
		return r.groupType(ctx, client)
	})

	switch {
	case errors.As(err, &wrong):
		r.fail("group", "%v: give another --group or --lesson.", wrong)
	case kafka.Unsupported(err):
		r.fail("group", "%s  %s", r.Group, fault.NoShareGroups.Text)
	case starting(err):
		r.fail("group", "%s  The cluster has no coordinator for the group yet (%v). It may just be starting: try again.", r.Group, err)
	case err != nil:
		r.fail("group", "%s  %s", r.Group, r.cause(err, ""))
	case !authorized(rights, kmsg.ACLOperationRead):
		r.fail("group", "%s  %s", r.Group, fault.Explain(kerr.GroupAuthorizationFailed, ""))
	default:
		r.ok("group", "you may join %s", r.Group)
	}
}

// starting reports whether there is no coordinator yet: a new cluster creates its internal topic on the first request.
func starting(err error) bool {
	return errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.CoordinatorLoadInProgress) || errors.Is(err, kerr.NotCoordinator)
}

// whileStarting retries a request about a group until the cluster has a coordinator for it, within the time limit of
// one step. It returns the last error.
func whileStarting(ctx context.Context, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	err := ask()
	for starting(err) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			err = ask()
		}
	}
	return err
}

// groupType fails if the group is of another type than the lesson's, or cannot be of that type here. Any other error of
// describing it proves nothing about joining it.
func (r *run) groupType(ctx context.Context, client *kgo.Client) error {
	find := group.Find
	if r.Share {
		find = group.FindShare
	}
	if _, err := find(ctx, client, r.Group); isWrong(err) || starting(err) {
		return err
	}
	return nil
}

// groupRights returns the operations on the group that this user is authorized for.
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
		// From 4.0 on, brokers return this error without any rights for a group that does not exist yet.
		return unknownRights, r.fetchOffsets(ctx, client)
	}
	return resp.Groups[0].AuthorizedOperations, err
}

// fetchOffsets fails for a user that is not authorized to describe the group.
func (r *run) fetchOffsets(ctx context.Context, client *kgo.Client) error {
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = r.Group
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = r.Group
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

func (r *run) transactionRight(ctx context.Context, client *kgo.Client) {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorType = 1 // of transactions
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

	if starting(err) {
		err = nil // the user is authorized: Kafka creates the topic of transactions on the first request
	}
	if err != nil {
		r.fail("exactly-once", "%s  %s", r.TxnID, r.cause(err, ""))
		return
	}
	r.ok("exactly-once", "transactional id %s", r.TxnID)
}

// unknownRights is what brokers return if they were not asked for rights, or do not know them.
const unknownRights = -1 << 31

func authorized(rights int32, op kmsg.ACLOperation) bool {
	return rights == unknownRights || rights&(1<<int32(op)) != 0
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
