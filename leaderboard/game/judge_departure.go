package game

import (
	"fmt"
	"time"
)

// afterDeparture answers what followed when a member went: silence, goodbye, resume and twice.
func (j *judge) afterDeparture(joined, gone []string, settled bool) {
	if len(joined) != 0 || len(gone) != 1 || gone[0] != j.world.Gone {
		j.cancel("%s changed once more before it was clear: %s joined and %s left", j.team.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
		return
	}
	since := j.at.Sub(j.world.GoneAt)
	if since < noteAfter || !settled {
		return // a note of the member may be on its way
	}

	letter := j.world.Letters[j.world.Gone]
	kind := KindGone
	for _, d := range j.team.departed {
		if d.member == j.world.Gone {
			if i := indexEvent(j.team.events, d.event); i >= 0 {
				kind = j.team.events[i].Kind
			}
		}
	}
	switch j.question.Kind {
	case AskSilence:
		if kind == KindLeave {
			j.cancel("member %s left by itself: it was not killed", letter)
			return
		}
		j.silence(letter)
	case AskGoodbye:
		if kind == KindTimeout {
			j.cancel("member %s timed out: it was killed, not stopped", letter)
			return
		}
		j.goodbye(letter)
	default:
		if kind == KindLeave {
			j.cancel("member %s left by itself: it was not killed", letter)
			return
		}
		j.reread(letter, since)
	}
}

// silence bounds when the member died: after its last commit, and before the one that did not come.
func (j *judge) silence(letter string) {
	id := j.world.Gone
	quiet, known := j.world.Quiet[id]
	due, waited := j.world.Due[id]
	if !known || !waited {
		j.unobserved("no record waited for member %s, so nobody can tell when it died", letter)
		return
	}
	most := j.world.GoneAt.Sub(quiet).Seconds()
	least := max(j.world.GoneAt.Sub(due).Seconds(), 0)
	j.delay(letter, least, most, "Nobody knew that member %s was dead until its session timed out: its partitions were not read for %s.")
}

// goodbye bounds when the member left: its note says so, else its last commit.
func (j *judge) goodbye(letter string) {
	id := j.world.Gone
	most := j.world.GoneAt.Sub(j.world.Quiet[id]).Seconds()
	least := 0.0
	if at, noted := j.team.leaving[id]; noted {
		most = max(j.world.GoneAt.Sub(at).Seconds(), 0)
	} else if j.world.Quiet[id].IsZero() {
		j.unobserved("no commit of member %s was seen", letter)
		return
	}
	j.delay(letter, least, most, "Member %s said goodbye, so the group shared its partitions out at once: they were not read for %s.")
}

// delay answers with the option that holds both bounds.
func (j *judge) delay(letter string, least, most float64, because string) {
	evidence := answerEvidence{Least: new(round1(least)), Most: new(round1(most)), Partitions: j.world.Members[j.world.Gone]}
	for i, d := range delays {
		if least >= d.from && most < d.to {
			text := fmt.Sprintf("%.0f to %.0f s", least, most)
			if most < 3 {
				text = fmt.Sprintf("at most %.1f s", most)
			}
			j.decide(i, evidence, because, letter, text)
			return
		}
	}
	j.unobserved("it was between %.0f and %.0f s, which is more than one of the options", least, most)
}

// reread answers from duplicates: actions about users that the member had read and not committed.
func (j *judge) reread(letter string, since time.Duration) {
	again := j.team.work.Duplicate - j.world.Duplicate
	if again <= 0 {
		if since > rereadAfter {
			j.unobserved("no action came twice in %.0f s: member %s had just committed, or found nobody", since.Seconds(), letter)
		}
		return
	}
	if since < 2*noteAfter {
		return // more may come
	}

	evidence := answerEvidence{Duplicates: again, Accepted: j.team.work.Accepted, Partitions: j.world.Members[j.world.Gone]}
	if again >= j.team.work.Accepted/2 {
		if j.question.Kind == AskTwice {
			j.decide(2, evidence, "%d actions came twice: the new owners began far behind the last commit.", again)
			return
		}
		j.decide(0, evidence, "%d actions came twice: the new owners began far behind the last commit.", again)
		return
	}
	j.decide(1, evidence, "%s came twice: member %s had read those records and not committed them, so the new owner read them again from the last commit.",
		countOf(int(again), "action"), letter)
}
