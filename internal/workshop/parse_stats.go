package workshop

import (
	"fmt"
	"math"
)

const (
	maxProcessed = 1 << 50 // so that sums stay numbers
	maxPartition = 100_000 // no topic has this many

	statsExample  = `{"team":"…","processed":12,"flagged":1}`
	workerExample = `{"team":"…","processed":12,"redelivered":1,"rejected":0}`
)

// rawReport is a report of any lesson before its figures are checked. 12.0 is a whole number in some languages.
type rawReport struct {
	Team        *string  `json:"team"`
	Processed   *float64 `json:"processed"`
	Flagged     *float64 `json:"flagged"`
	Partition   *float64 `json:"partition"`
	Next        *float64 `json:"next_offset"`
	Redelivered *float64 `json:"redelivered"`
	Rejected    *float64 `json:"rejected"`
}

func parseReport(value []byte, team, example string) (raw rawReport, problem string) {
	if problem := decodeValue(value, &raw, "a report", example, func(field string) bool { return field == "team" }); problem != "" {
		return raw, problem
	}
	if raw.Team == nil {
		return raw, "team is missing: yours is " + team
	}
	if *raw.Team != team {
		return raw, "team is " + quoted(*raw.Team) + ", this topic is " + team + "'s"
	}
	return raw, ""
}

// ParseStats reads the counts of a program, or of the owners of a partition; the problem is worded as by ParseAction.
func ParseStats(value []byte, team string) (s Stats, problem string) {
	raw, problem := parseReport(value, team, statsExample)
	if problem != "" {
		return s, problem
	}

	var partition, next int64
	figures := []figure{{"processed", raw.Processed, &s.Processed}, {"flagged", raw.Flagged, &s.Flagged}}
	if raw.Partition != nil || raw.Next != nil {
		figures = append(figures, figure{"partition", raw.Partition, &partition}, figure{"next_offset", raw.Next, &next})
		s.Partition, s.NextOffset = new(int32), &next
	}
	for _, f := range figures {
		if problem := f.read(); problem != "" {
			return s, problem
		}
	}

	if s.Partition != nil {
		if partition > maxPartition {
			return s, fmt.Sprintf("partition is %d: no topic has so many", partition)
		}
		*s.Partition = int32(partition)
	}
	return s, ""
}

// ParseWorkerStats reads the counts of a worker of a share group.
func ParseWorkerStats(value []byte, team string) (s WorkerStats, problem string) {
	raw, problem := parseReport(value, team, workerExample)
	if problem != "" {
		return s, problem
	}
	for _, f := range []figure{
		{"processed", raw.Processed, &s.Processed}, {"redelivered", raw.Redelivered, &s.Redelivered}, {"rejected", raw.Rejected, &s.Rejected},
	} {
		if problem := f.read(); problem != "" {
			return s, problem
		}
	}
	return s, ""
}

// A figure is a field of a report that holds a whole number.
type figure struct {
	name string
	from *float64
	to   *int64
}

func (f figure) read() (problem string) {
	switch {
	case f.from == nil && (f.name == "partition" || f.name == "next_offset"):
		return f.name + " is missing: counts of a partition have both partition and next_offset"
	case f.from == nil:
		return f.name + " is missing: it is a whole number, from 0"
	case *f.from < 0 || *f.from > maxProcessed || *f.from != math.Trunc(*f.from):
		return fmt.Sprintf("%s is %v: write a whole number, from 0", f.name, *f.from)
	}
	*f.to = int64(*f.from)
	return ""
}
