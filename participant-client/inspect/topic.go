package inspect

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Topic prints a topic as kafka-topics --describe does: partitions, leader, replicas, ISR.
func Topic(ctx context.Context, client *kgo.Client, name string, stdout io.Writer) error {
	topics, err := kadm.NewClient(client).ListTopicsWithInternal(ctx, name)
	if err != nil {
		return fmt.Errorf("describe topic %s: %s", name, fault.Explain(err, ""))
	}
	t, ok := topics[name]
	if !ok || errors.Is(t.Err, kerr.UnknownTopicOrPartition) {
		return fmt.Errorf("topic %s does not exist: check --topic, --lesson and --namespace, or ask the instructor to create it", name)
	}
	if t.Err != nil {
		return fmt.Errorf("describe topic %s: %s", name, fault.Explain(t.Err, ""))
	}

	var b strings.Builder
	fmt.Fprintf(&b, "Topic: %s\tTopicId: %s\tPartitionCount: %d\tReplicationFactor: %d\n",
		name, base64.RawURLEncoding.EncodeToString(t.ID[:]), len(t.Partitions), t.Partitions.NumReplicas())
	for _, p := range t.Partitions.Sorted() {
		leader := strconv.Itoa(int(p.Leader))
		if p.Leader < 0 {
			leader = "none"
		}
		fmt.Fprintf(&b, "\tTopic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\n",
			name, p.Partition, leader, list(p.Replicas), list(p.ISR))
	}
	_, err = io.WriteString(stdout, b.String())
	return err
}

func list(ids []int32) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.Itoa(int(id))
	}
	return strings.Join(out, ",")
}
