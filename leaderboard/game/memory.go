package game

import "fmt"

// A memory is what a team's counts of one partition showed, from one owner to the next. If each record is counted once, the
// counts keep the offset at which they began, even if another owner continues them.
type memory struct {
	owner string // who published the latest counts
	name  string // the owner's name for people
	began int64
	next  int64
	grown int // how often the counts have grown under this owner

	from     string // the name of the previous owner, if the counts continued
	fromNext int64  // how far they had come under it
}

// proofCounts is the evidence of counts that continued.
type proofCounts struct {
	Partition int32  `json:"partition"`
	From      string `json:"from"`
	To        string `json:"to"`
	Began     int64  `json:"began"`  // offset
	Handed    int64  `json:"handed"` // next offset under the previous owner
	Next      int64  `json:"next"`   // next offset under the new one
	Processed int64  `json:"processed"`
}

// unproved are counts beyond the topic's end in the last sweep. A later sweep shows whether there are that many records.
type unproved struct {
	PartitionCounts
	owner string
}

// remember follows the counts of partitions, and returns a claim for those that a new owner has continued.
func (t *teamState) remember(topic *topic, states []PartitionCounts) []claim {
	if !t.Settled || !topic.fresh {
		return nil // the owners are not certain
	}
	var out []claim
	follow := func(s PartitionCounts, owner string) {
		if t.follow(s, owner) {
			out = append(out, t.rememberClaim(s))
		}
	}
	for p, u := range t.unproved {
		if u.Next <= topic.endOf(p) {
			delete(t.unproved, p)
			follow(u.PartitionCounts, u.owner)
		}
	}

	owners := ownership(t.Members)
	for _, s := range states {
		owner, owned := owners[s.Partition]
		if !owned || s.TopicID != "" && s.TopicID != topic.id {
			continue
		}
		if s.Next <= topic.endOf(s.Partition) {
			follow(s, owner)
			continue
		}
		if u, waits := t.unproved[s.Partition]; !waits || s.Next < u.Next {
			if t.unproved == nil {
				t.unproved = map[int32]unproved{}
			}
			t.unproved[s.Partition] = unproved{s, owner}
		}
	}
	return out
}

// follow applies new counts, and reports whether they prove that the owner continued those of the previous owner.
func (t *teamState) follow(s PartitionCounts, owner string) bool {
	m, known := t.memory[s.Partition]
	switch {
	case s.MemberID != "" && s.MemberID != owner, s.Began() < 0:
		return false // of the previous owner, or wrong
	case known && s.Began() == m.began && s.Next <= m.next:
		return false // nothing new
	}

	name := owner
	if who := t.member(owner); who != nil && who.ClientID != "" {
		name = who.ClientID
	}
	switch {
	case !known || s.Began() != m.began:
		m = memory{owner: owner, began: s.Began()}
	case m.owner != owner:
		m = memory{owner: owner, began: m.began, from: m.name, fromNext: m.next}
	}
	m.name = name
	m.next = s.Next
	m.grown++
	if t.memory == nil {
		t.memory = map[int32]memory{}
	}
	t.memory[s.Partition] = m

	// Counts without a member ID may be the previous owner's last ones, arriving late: then only the next ones are proof.
	return m.from != "" && (s.MemberID != "" || m.grown > 1)
}

func (t *teamState) rememberClaim(s PartitionCounts) claim {
	m := t.memory[s.Partition]
	return claim{t, Remembers, fmt.Sprintf("P%d has a new owner", s.Partition), proof{Counts: &proofCounts{
		Partition: s.Partition, From: m.from, To: m.name, Began: m.began, Handed: m.fromNext, Next: s.Next, Processed: s.Processed,
	}}}
}

func (p proof) remembered() string {
	if p.Counts == nil {
		return ""
	}
	c := *p.Counts
	return fmt.Sprintf("P%d went from %s to %s, and its counts continued at offset %d: %d records from offset %d to %d, each counted once.",
		c.Partition, c.From, c.To, c.Handed, c.Processed, c.Began, c.Next)
}
