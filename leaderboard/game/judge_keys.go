package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// keys answers how many partitions receive records once these have few keys.
func (j *judge) keys() {
	l := j.load
	if l == nil || !j.topic.fresh {
		return
	}
	if j.partitions() != j.world.Partitions {
		j.cancel("the topic has %d partitions now: the question was about %d", j.partitions(), j.world.Partitions)
		return
	}
	switch {
	case l.Keys != workshop.KeysFixed && j.world.KeysEnd != nil:
		j.cancel("the keys were changed again before it was clear")
		return
	case l.Keys != workshop.KeysFixed:
		if !j.world.KeysAt.IsZero() {
			j.world.KeysAt = time.Time{}
			j.changed = true
		}
		return
	case l.FixedKeys != j.world.FixedKeys:
		j.cancel("records have %d keys now: the question was about %d", l.FixedKeys, j.world.FixedKeys)
		return
	}
	switch {
	case j.world.KeysAt.IsZero():
		j.world.KeysAt = j.at
		j.changed = true
		return
	case j.at.Sub(j.world.KeysAt) < keysAfter:
		return
	case j.world.KeysEnd == nil:
		j.world.KeysEnd = slices.Clone(j.topic.end)
		j.changed = true
		return
	case j.at.Sub(j.world.KeysAt) < keysAfter+keysOver:
		return
	}

	filled, records := 0, int64(0)
	for p, end := range j.topic.end {
		if grew := end - j.world.KeysEnd[p]; grew > 0 {
			filled++
			records += grew
		}
	}
	if records < keysLeast {
		j.unobserved("only %d records came in %.0f s", records, keysOver.Seconds())
		return
	}
	evidence := answerEvidence{Filled: filled, Records: records, Keys: l.FixedKeys}
	switch {
	case filled == 1:
		j.decide(0, evidence, "All keys hash to one partition.")
	case filled <= l.FixedKeys:
		j.decide(1, evidence, "%d of %d partitions fill: a key always goes to the same one.", filled, j.world.Partitions)
	default:
		j.unobserved("%d partitions fill with %d keys: somebody else produces to the topic", filled, l.FixedKeys)
	}
}
