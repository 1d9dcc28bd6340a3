package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// Words says events in sentences that teach. What is worth saying once is said once, so one Words
// serves one run.
type Words struct {
	Group      string
	Partitions func() int // of the topic, 0 when unknown

	began bool // has said where partitions began: later it is no news what --from is for
}

// Say is the event in words, or empty for one that needs none (commits, lag, a fault that ends the
// run and is its error).
func (w *Words) Say(e member.Event) string {
	who := fmt.Sprintf("member %d", e.Instance)
	switch e.Kind {
	case member.Assigned:
		return who + w.assigned(e)
	case member.Revoked:
		if e.Reason == member.Left {
			return ""
		}
		whose := "its offsets are"
		if len(e.Partitions) > 1 {
			whose = "their offsets are"
		}
		return fmt.Sprintf("%s: revoked %s (rebalance; %s committed)", who, names(e.Partitions), whose)
	case member.Lost:
		return fmt.Sprintf("%s: lost %s: the group had given this member up, and what was not committed is read again", who, names(e.Partitions))
	case member.Committed:
		if e.Resumed {
			return who + ": " + w.resumed(e)
		}
	case member.Joined:
		if e.Instance == 0 {
			return colleague(e)
		}
	case member.Duplicate:
		return who + ": " + duplicates(e)
	case member.Fault:
		if !e.Fatal {
			return e.Text
		}
	case member.Closed:
		return who + closed(e)
	}
	return ""
}

func (w *Words) assigned(e member.Event) string {
	if len(e.Owned) == 0 {
		return fmt.Sprintf(" is idle: %s of the topic has an owner already, and a partition has one owner in a group", w.each())
	}
	if e.First {
		return fmt.Sprintf(" joined %s after %s: assigned %s", w.Group, Pause(e.Pause), names(e.Owned))
	}
	if len(e.Before) == 0 {
		return fmt.Sprintf(": assigned %s", names(e.Partitions))
	}
	var parts []string
	note := func(word string, ps []int32) {
		if len(ps) > 0 {
			parts = append(parts, word+" "+names(ps))
		}
	}
	note("kept", both(e.Before, e.Owned))
	note("gave", without(e.Before, e.Owned))
	note("got", without(e.Owned, e.Before))
	pause := ""
	if e.Pause > 0 {
		pause = fmt.Sprintf(" after a pause of %s", Pause(e.Pause))
	}
	return fmt.Sprintf(": assigned %s%s (%s)", names(e.Owned), pause, strings.Join(parts, ", "))
}

func (w *Words) each() string {
	if n := w.Partitions(); n > 0 {
		return fmt.Sprintf("each of the %d partitions", n)
	}
	return "each partition"
}

func (w *Words) resumed(e member.Event) string {
	var on, fresh []string
	for _, p := range e.Partitions {
		if o := e.Offsets[p]; o >= 0 {
			on = append(on, fmt.Sprintf("P%d goes on at %d", p, o))
		} else {
			fresh = append(fresh, fmt.Sprintf("P%d", p))
		}
	}
	var out []string
	if len(on) > 0 {
		text := strings.Join(on, ", ") + " (committed)"
		if !w.began {
			text += "; --from is only for partitions without a commit"
		}
		out = append(out, text)
	}
	w.began = true
	if len(fresh) > 0 {
		text := strings.Join(fresh, " ") + ": no commit yet, so from the " + e.From + " record"
		if e.From == "latest" {
			text = strings.Join(fresh, " ") + ": waiting for new records: no commit yet, and --from latest"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func colleague(e member.Event) string {
	who, host := workshop.CleanText(e.Member.ClientID, workshop.MaxText), workshop.CleanText(e.Member.Host, workshop.MaxText)
	if e.Gone {
		return fmt.Sprintf("%s (%s) is gone from the group", who, host)
	}
	return fmt.Sprintf("%s (%s) is in the group", who, host)
}

func duplicates(e member.Event) string {
	because := "their offsets were not committed when the partition changed hands"
	switch e.After {
	case member.Crashed:
		because = "they were not committed before the crash"
	case member.Rewound:
		because = "the group was rewound"
	case member.Aborted:
		return records(e.Count) + " read again: the transaction was aborted, so what was made of it counts once"
	}
	if e.Count == 1 {
		because = strings.NewReplacer("they were", "it was", "their offsets were", "its offset was").Replace(because)
	}
	return fmt.Sprintf("%s processed twice: %s", records(e.Count), because)
}

func records(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func closed(e member.Event) string {
	switch {
	case e.Reason == member.Failed:
		return " ended, but its goodbye was not heard: the group waits for its session timeout"
	case e.Reason == member.Crashed && len(e.Partitions) > 0:
		return fmt.Sprintf(" crashed with %s: no goodbye and no commit, so the group waits for its session timeout", names(e.Partitions))
	case e.Reason == member.Crashed:
		return " crashed: no goodbye, so the group waits for its session timeout"
	case len(e.Partitions) > 0:
		return fmt.Sprintf(" left: %s %s committed and free for the others at once", names(e.Partitions), are(len(e.Partitions)))
	}
	return " left"
}

// Pause writes a pause: 1.2 s, 80 ms.
func Pause(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func both(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return !slices.Contains(b, p) })
}

func without(a, b []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(a), func(p int32) bool { return slices.Contains(b, p) })
}
