package story

import (
	"fmt"
	"slices"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// sentence takes an event's facts over.
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
		s.Kind, s.How = Lost, e.Reason
	case member.Committed:
		s.Kind = Resumed
		if e.From == "latest" && len(e.Partitions) > 0 && !slices.ContainsFunc(e.Partitions, func(p int32) bool { return e.Offsets[p] >= 0 }) {
			s.Kind = FromLatest
		}
		return s, e.Resumed
	case member.Joined:
		s.Kind, s.Who = Arrived, x.name(e.Member)
		s.Host = group.Address(e.Member.Host)
		if e.Gone {
			s.Kind, s.How = Departed, Gone
		}
		return s, e.Instance == 0
	case member.Duplicate:
		s.Kind, s.How = Duplicates, e.After
	case member.Recreated:
		s.Kind, s.Total, s.TotalWas, s.Group = Recreated, len(e.Partitions), len(e.Before), e.Topic
	case member.Fault:
		s.Kind, s.Explained = Fault, e.Text
		if e.Healed {
			s.How = Healed
		}
		return s, !e.Fatal
	case member.Waiting:
		s.Kind, s.Explained = Waiting, e.Text
	case member.Closed:
		s.Kind, s.How, s.Timeout = Closed, e.Reason, x.Timeout
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
		s.Kept, s.Gave, s.Got = both(e.Before, e.Owned), without(e.Before, e.Owned), without(e.Owned, e.Before)
		if len(e.Before) == 0 {
			s.Partitions, s.Got = e.Partitions, nil
		}
	}
}

func (x *Explainer) name(m group.Member) string {
	if x.Name != nil {
		return x.Name(m)
	}
	return workshop.CleanText(m.ClientID, workshop.MaxText)
}

func both(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return !slices.Contains(b, p) })
}

func without(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return slices.Contains(b, p) })
}
