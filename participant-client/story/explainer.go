package story

import (
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// An Explainer makes sentences from events, and tracks which of them are new to the reader.
type Explainer struct {
	Group      string
	Partitions func() int    // of the topic, 0 when unknown
	Timeout    time.Duration // of sessions; 0 if the broker's setting applies
	Name       func(group.Member) string

	explained map[string]bool
}

// Explain returns the sentence of an event. It returns false for an event that needs none, such as a commit, or a fault
// that ends the run and becomes its error. The first sentence of a kind is a lesson.
func (x *Explainer) Explain(e member.Event) (Sentence, bool) {
	s, ok := x.sentence(e)
	if !ok {
		return s, false
	}
	if x.explained == nil {
		x.explained = map[string]bool{}
	}
	s.Lesson = s.meaning() != "" && !x.explained[s.key()]
	x.explained[s.key()] = true
	return s, true
}

// sentence returns the sentence of an event; false for an event that needs none.
func (x *Explainer) sentence(e member.Event) (Sentence, bool) {
	s := Sentence{
		At: e.At, Instance: e.Instance, Who: fmt.Sprintf("member %d", e.Instance), Group: x.Group,
		Partitions: e.Partitions, Offsets: e.Offsets, From: e.From, Count: e.Count, Took: e.Pause, Total: x.Partitions(), Commit: e.Commit,
	}

	switch e.Kind {
	case member.Assigned:
		x.assigned(&s, e)
	case member.Revoked:
		s.Kind = Revoked
		return s, e.Reason != member.Left
	case member.Lost:
		s.Kind = Lost
		s.How = e.Reason
	case member.Committed:
		s.Kind = Resumed
		if e.From == "latest" && len(e.Partitions) > 0 && !slices.ContainsFunc(e.Partitions, func(p int32) bool { return e.Offsets[p] >= 0 }) {
			s.Kind = FromLatest
		}
		return s, e.Resumed
	case member.Restored:
		s.Kind = CountsRestored
	case member.Joined:
		s.Kind = Arrived
		s.Who = x.name(e.Member)
		s.MemberID = e.Member.ID
		s.Host = group.Address(e.Member.Host)
		if e.Gone {
			s.Kind = Departed
			s.How = Gone
		}
		return s, e.Instance == 0
	case member.Duplicate:
		s.Kind = Duplicates
		s.How = e.After
	case member.Recreated:
		s.Kind = Recreated
		s.Group = e.Topic
		s.Total = len(e.Partitions)
		s.TotalWas = len(e.Before)
	case member.Fault:
		s.Kind = Fault
		s.Explained = e.Text
		if e.Healed {
			s.How = Healed
		}
		return s, !e.Fatal
	case member.Waiting:
		s.Kind = Waiting
		s.Explained = e.Text
	case member.Closed:
		s.Kind = Closed
		s.How = e.Reason
		s.Timeout = x.Timeout
	default:
		return s, false
	}
	return s, true
}

func (x *Explainer) assigned(s *Sentence, e member.Event) {
	s.Partitions = e.Owned
	switch {
	case len(e.Owned) == 0:
		s.Kind = Idle
	case e.First:
		s.Kind = FirstAssignment
	default:
		s.Kind = Assigned
		s.Kept = intersect(e.Before, e.Owned)
		s.Gave = subtract(e.Before, e.Owned)
		s.Got = subtract(e.Owned, e.Before)
		if len(e.Before) == 0 {
			s.Partitions = e.Partitions
			s.Got = nil
		}
	}
}

func (x *Explainer) name(m group.Member) string {
	if x.Name != nil {
		return x.Name(m)
	}
	return workshop.CleanText(m.ClientID, workshop.MaxText)
}

func intersect(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return !slices.Contains(b, p) })
}

func subtract(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return slices.Contains(b, p) })
}
