package game

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An answerEvidence holds the facts that decided a prediction. Each kind of question uses some of its fields.
type answerEvidence struct {
	Before      map[string][]int32 `json:"before,omitempty"` // partitions by the member's letter
	After       map[string][]int32 `json:"after,omitempty"`
	Partitions  []int32            `json:"partitions,omitempty"` // of the member that went
	Least       *float64           `json:"least_s,omitempty"`    // bounds of how long nobody read them
	Most        *float64           `json:"most_s,omitempty"`
	Duplicates  int64              `json:"duplicates,omitempty"`  // duplicate actions
	Uncommitted int64              `json:"uncommitted,omitempty"` // records that the member had not committed when it went
	Accepted    int64              `json:"accepted,omitempty"`    // actions
	Filled      int                `json:"filled,omitempty"`      // partitions that received records
	Records     int64              `json:"records,omitempty"`
	Keys        int                `json:"keys,omitempty"`
	Jobs        map[string]int64   `json:"jobs,omitempty"`     // accepted by each worker, as it reports
	Done        int64              `json:"done,omitempty"`     // records, as the broker counts
	Open        *int64             `json:"open,omitempty"`     // the offset that was not done
	Later       int64              `json:"later,omitempty"`    // records after it that were done
	Returned    map[string]int64   `json:"returned,omitempty"` // accepted again by each worker, as it reports
}

// EvidenceText states in sentences what the answer was derived from. It is empty if the stored evidence cannot be put into
// words.
func (a Answer) EvidenceText() string {
	var e answerEvidence
	if err := json.Unmarshal(a.Evidence, &e); err != nil {
		return ""
	}

	switch {
	case e.After != nil:
		return "Before: " + ownersText(e.Before) + ". After: " + ownersText(e.After) + "."
	case e.Most != nil && e.Least != nil:
		return fmt.Sprintf("Nobody read %s for at least %.1f s and at most %.1f s.", partitionList(e.Partitions), *e.Least, *e.Most)
	case e.Duplicates > 0:
		return fmt.Sprintf("%d actions came twice beside %d that came once, after %s had another owner.", e.Duplicates, e.Accepted, partitionList(e.Partitions))
	case len(e.Jobs) > 0:
		return fmt.Sprintf("Accepted since, as the workers report: %s. The broker counts %s done.", countsText(e.Jobs), countOf(int(e.Done), "job"))
	case e.Open != nil && len(e.Partitions) == 1:
		return fmt.Sprintf("The broker counted %s done behind P%d:%d, which was not done.", countOf(int(e.Later), "job"), e.Partitions[0], *e.Open)
	case len(e.Returned) > 0:
		return fmt.Sprintf("Accepted again, as the workers report: %s.", countsText(e.Returned))
	case e.Filled > 0:
		return fmt.Sprintf("%d records with %d keys arrived in %s.", e.Records, e.Keys, countOf(e.Filled, "partition"))
	}
	return ""
}

// countsText lists counts by letter: "A 12, B 9".
func countsText(counts map[string]int64) string {
	var parts []string
	for _, letter := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", letter, counts[letter]))
	}
	return strings.Join(parts, ", ")
}

// ownersText lists the partitions of each owner: "A P0–P2, B P3 P4, C nothing".
func ownersText(owned map[string][]int32) string {
	var parts []string
	for _, letter := range slices.Sorted(maps.Keys(owned)) {
		list := "nothing"
		if len(owned[letter]) > 0 {
			list = partitionList(owned[letter])
		}
		parts = append(parts, letter+" "+list)
	}
	return strings.Join(parts, ", ")
}
