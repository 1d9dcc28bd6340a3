package provision

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// quotas limit what one team may use of each broker, so that a loop in its program does not affect the others. A member at
// 10,000 records a second reads 4 MB/s, and can still catch up quickly. Actions and stats are a few KB/s. A
// request_percentage of 100 is one of the broker's threads.
var quotas = []kadm.ClientQuotaValue{
	{Key: "consumer_byte_rate", Value: 32 << 20},
	{Key: "producer_byte_rate", Value: 2 << 20},
	{Key: "request_percentage", Value: 50},
}

// setQuotas sets the users' quotas to want, or removes ours if want is nil. If the cluster rejects them, the teams have no
// quotas, and a note says so.
func (w *work) setQuotas(ctx context.Context, users []string, want []kadm.ClientQuotaValue) {
	have, err := w.quotas(ctx, users)
	if err != nil {
		w.printf("note: the teams have no quotas: %v", err)
		return
	}

	var entries []kadm.AlterClientQuotaEntry
	for _, user := range users {
		ops := quotaOps(have[user], want)
		if len(ops) == 0 {
			continue
		}
		entries = append(entries, kadm.AlterClientQuotaEntry{
			Entity: kadm.ClientQuotaEntity{{Type: "user", Name: &user}}, Ops: ops,
		})
	}

	if len(entries) == 0 {
		return
	}

	verb := "limit"
	what := fmt.Sprintf("%d teams to %s of each broker", len(entries), allowance())
	if want == nil {
		verb = "lift"
		what = fmt.Sprintf("the quotas of %d teams", len(entries))
	}

	if !w.dry {
		if err := w.alterQuotas(ctx, entries); err != nil {
			w.printf("note: the teams' quotas stay as they are: %v", err)
			return
		}
	}

	w.logChange(verb, what)
}

func allowance() string {
	return fmt.Sprintf("%.0f MiB/s read, %.0f MiB/s written and %.0f %% of a thread", quotas[0].Value/(1<<20), quotas[1].Value/(1<<20), quotas[2].Value)
}

// quotaOps returns the changes from the existing quotas to the wanted ones. Other kinds of quotas stay.
func quotaOps(have map[string]float64, want []kadm.ClientQuotaValue) []kadm.AlterClientQuotaOp {
	var ops []kadm.AlterClientQuotaOp
	for _, quota := range quotas {
		value, exists := have[quota.Key]
		wanted := slices.Contains(want, quota)
		if wanted && (!exists || value != quota.Value) {
			ops = append(ops, kadm.AlterClientQuotaOp{Key: quota.Key, Value: quota.Value})
		} else if !wanted && exists {
			ops = append(ops, kadm.AlterClientQuotaOp{Key: quota.Key, Remove: true})
		}
	}

	return ops
}

// quotas returns these users' quotas that apply to all their client IDs.
func (c *cluster) quotas(ctx context.Context, users []string) (map[string]map[string]float64, error) {
	anyUser := []kadm.DescribeClientQuotaComponent{{Type: "user", MatchType: kmsg.QuotasMatchTypeAny}}
	described, err := c.adm.DescribeClientQuotas(ctx, true, anyUser)
	if err != nil {
		return nil, err
	}

	ours := make(map[string]bool, len(users))
	for _, user := range users {
		ours[user] = true
	}

	out := map[string]map[string]float64{}
	for _, d := range described {
		if len(d.Entity) != 1 || d.Entity[0].Name == nil || !ours[*d.Entity[0].Name] {
			continue
		}

		values := map[string]float64{}
		for _, v := range d.Values {
			values[v.Key] = v.Value
		}

		out[*d.Entity[0].Name] = values
	}

	return out, nil
}

func (c *cluster) alterQuotas(ctx context.Context, entries []kadm.AlterClientQuotaEntry) error {
	for batch := range slices.Chunk(entries, c.batch) {
		altered, err := c.adm.AlterClientQuotas(ctx, batch)
		if err != nil {
			return err
		}

		for _, a := range altered {
			if a.Err != nil {
				return fmt.Errorf("%s: %w %s", a.Entity, a.Err, a.ErrMessage)
			}
		}
	}

	return nil
}
