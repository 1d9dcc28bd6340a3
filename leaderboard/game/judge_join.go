package game

import "slices"

// joined answers the questions about a join: split and idle.
func (j *judge) joined(newcomer string, present map[string][]int32) {
	var sizes []int
	idle := 0
	for _, partitions := range present {
		if len(partitions) == 0 {
			idle++
			continue
		}
		sizes = append(sizes, len(partitions))
	}
	if covered := sum64(sizes); covered != j.world.Partitions {
		return // some partition has no owner yet
	}
	letters := map[string][]int32{}
	for _, m := range j.membersAsked(j.team, j.question.Kind) {
		letters[sign(m.Colour)] = m.Partitions
		if m.ID == newcomer && !m.OnTopic {
			j.unobserved("the member that joined reads another topic")
			return
		}
	}
	evidence := answerEvidence{Before: byLetter(j.world), After: letters}
	got := sharesText(sorted(slices.Clone(sizes)))

	if j.question.Kind == AskIdle {
		if idle != 1 {
			j.unobserved("%d members have nothing to read", idle)
			return
		}
		who := "the newcomer"
		if len(present[newcomer]) > 0 {
			who = "one that was there before: members are sorted by their IDs"
		}
		j.decide(1, evidence, "Each partition has one owner in a group, and all %d have one. The member without any is %s.", j.world.Partitions, who)
		return
	}

	for i := 0; i < idle; i++ {
		got += " + 0"
	}
	option := slices.Index(j.question.Options, got)
	if option < 0 {
		j.unobserved("the partitions are shared %s, which nobody could vote for", got)
		return
	}
	j.decide(option, evidence, "Each partition has one owner in a group. %s shares them out again: %s.", upperFirst(j.assignorOf(j.team)), got)
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func sum64(sizes []int) int {
	n := 0
	for _, s := range sizes {
		n += s
	}
	return n
}

func byLetter(w world) map[string][]int32 {
	out := map[string][]int32{}
	for id, partitions := range w.Members {
		out[w.Letters[id]] = partitions
	}
	return out
}

// grown answers which member gets a new partition.
func (j *judge) grown(joined, gone []string, settled bool) {
	if len(joined)+len(gone) > 0 {
		j.changedOtherwise(joined, gone)
		return
	}
	n := j.partitions()
	if n == j.world.Partitions {
		return
	}
	if n != j.world.Partitions+1 {
		j.cancel("the topic got %d partitions at once", n-j.world.Partitions)
		return
	}
	if !settled {
		return
	}

	owner := ownership(j.team.Members)
	if len(owner) < n {
		return // clients look for new partitions only periodically: after 90 s the question ends undecided
	}
	moved := 0
	for id, partitions := range j.world.Members {
		for _, p := range partitions {
			if owner[p] != id {
				moved++
			}
		}
	}
	letters := map[string][]int32{}
	for _, m := range j.team.Members {
		letters[sign(m.Colour)] = m.Partitions
	}
	evidence := answerEvidence{Before: byLetter(j.world), After: letters}
	if moved == 0 {
		j.decide(1, evidence, "P%d went to one member, and no other lane changed hands.", n-1)
		return
	}
	j.decide(2, evidence, "P%d has an owner, and %s changed hands with it.", n-1, countOf(moved, "other lane"))
}
