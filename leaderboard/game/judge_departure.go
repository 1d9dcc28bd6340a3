package game

import (
	"fmt"
	"time"
)

// afterDeparture answers the questions about what follows a member's departure: silence, goodbye, resume and twice.
func (j *judge) afterDeparture(joined, gone []string, settled bool) {
	if len(joined) != 0 || len(gone) != 1 || gone[0] != j.world.Gone {
		j.cancel("%s changed once more before it was clear: %s joined and %s left", j.team.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
		return
	}
	if _, noted := j.team.leaving[j.world.Gone]; noted && !j.world.Left {
		j.world.Left = true
		j.changed = true
	}
	since := j.at.Sub(j.world.GoneAt)
	if since < noteAfter || !settled {
		return // a note about the member may be on its way
	}

	letter := j.world.Letters[j.world.Gone]
	switch {
	case j.question.Kind == AskGoodbye && j.timedOut():
		j.cancel("member %s timed out: it was killed, not stopped", letter)
	case j.question.Kind == AskGoodbye:
		j.goodbye(letter)
	case j.world.Left:
		j.cancel("member %s left on its own: it was not killed", letter)
	case j.question.Kind == AskSilence:
		j.silence(letter)
	default:
		j.reread(letter, since)
	}
}

// timedOut reports whether the log says that the member timed out.
func (j *judge) timedOut() bool {
	for _, d := range j.team.departed {
		if d.member == j.world.Gone {
			i := indexEvent(j.team.events, d.event)
			return i >= 0 && j.team.events[i].Kind == KindTimeout
		}
	}
	return false
}

// A killed member is not gone sooner than deadLeast. Kafka allows no session timeout under 6 s by default, and it counts from
// the last heartbeat: members of common clients send one at least every 3 s.
const deadLeast = 3 * time.Second

// silence bounds when the member died: after its last sign of life, and before the commit that it missed. The takeover was
// between the two sweeps between which the member disappeared.
func (j *judge) silence(letter string) {
	seen := j.world.Seen[j.world.Gone]
	if seen.Alive.IsZero() {
		j.unobserved("no commit of member %s was seen before it went, so nobody can tell when it died", letter)
		return
	}

	most := j.world.GoneAt.Sub(seen.Alive)
	if most < deadLeast {
		j.cancel("member %s was gone at most %.1f s after it had committed, sooner than any session is over: it left on its own", letter, most.Seconds())
		return
	}
	if seen.Due.IsZero() {
		j.unobserved("no record waited for member %s, so nobody can tell when it died", letter)
		return
	}
	least := max(seen.At.Sub(seen.Due), 0)
	if least > 0 {
		least = max(least, deadLeast) // it missed a commit, so it was dead
	}
	j.delay(letter, least.Seconds(), most.Seconds(), "Nobody knew that member %s was dead until its session timed out: its partitions were not read for %s.")
}

// goodbye bounds when the member left: at the time of its note or, without one, after its last sign of life.
func (j *judge) goodbye(letter string) {
	left, noted := j.team.leaving[j.world.Gone]
	if !noted {
		left = j.world.Seen[j.world.Gone].Alive
	}
	if left.IsZero() {
		j.unobserved("no commit of member %s was seen before it went", letter)
		return
	}
	most := max(j.world.GoneAt.Sub(left).Seconds(), 0)
	j.delay(letter, 0, most, "Member %s said goodbye, so the group shared its partitions out at once: they were not read for %s.")
}

// delay answers with the option that contains both bounds.
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

// reread answers from duplicates: actions about users that the member had read but not committed.
func (j *judge) reread(letter string, since time.Duration) {
	again := j.team.work.Duplicate - j.world.Duplicate
	if again <= 0 {
		if since > rereadAfter {
			j.unobserved("no action came twice in %.0f s: member %s had just committed, or found nobody", since.Seconds(), letter)
		}
		return
	}
	seen, known := j.world.Seen[j.world.Gone]
	switch {
	case since < 2*noteAfter:
		return // more may arrive
	case !known:
		j.unobserved("nobody watched when member %s went", letter)
		return
	case seen.Blank:
		j.unobserved("member %s had not committed each of its partitions: there was no commit to go on at", letter)
		return
	}

	// A new owner that continues at the commit reads again at most what was not committed.
	option := map[string]int{AskTwice: 1, AskResume: 1}
	because := "%s came twice: member %s had read those records and not committed them, so the new owner read them again from the last commit."
	if again > seen.Behind {
		option = map[string]int{AskTwice: 2, AskResume: 0}
		because = "%s came twice, more than member %s had left uncommitted: the new owner began far behind the last commit."
	}
	evidence := answerEvidence{
		Duplicates: again, Uncommitted: seen.Behind, Accepted: j.team.work.Accepted, Partitions: j.world.Members[j.world.Gone],
	}
	j.decide(option[j.question.Kind], evidence, because, countOf(int(again), "action"), letter)
}
