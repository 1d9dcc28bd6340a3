package game

import (
	"fmt"
	"slices"
	"strings"

	"kafka-workshop/internal/workshop"
)

// Kinds of questions.
const (
	AskSplit   = "split"   // sizes after a join
	AskIdle    = "idle"    // which member gets nothing
	AskSilence = "silence" // seconds until the lanes of a killed member are read again
	AskGoodbye = "goodbye" // the same after Ctrl+C
	AskResume  = "resume"  // where the new owner continues
	AskKeys    = "keys"    // how many partitions receive records
	AskGrow    = "grow"    // which member gets a new partition
	AskTwice   = "twice"   // whether records are processed again
)

// A Question is one of the deck, about a team or the topic in its current state.
type Question struct {
	ID      string   `json:"id"`   // its kind; together with Team, it identifies the question
	Kind    string   `json:"kind"` // the same as ID
	Team    int      `json:"team"` // 0 for the topic
	Text    string   `json:"text"`
	Options []string `json:"options"`
	Beliefs []string `json:"beliefs,omitempty"` // of those who choose each option: a clause, as in "every member gets work"
	Askable bool     `json:"askable"`
	Why     string   `json:"why"` // why it is not askable; empty if it is
}

func (q Question) sameAs(o Question) bool {
	return q.Text == o.Text && slices.Equal(q.Options, o.Options)
}

// Deck returns every question that can be asked now and, for each kind that has none, one that gives the reason.
func (r *Room) Deck() []Question {
	var out []Question
	for _, kind := range r.setup.Lesson.Questions() {
		if kind == AskKeys {
			out = append(out, r.question(kind, 0))
			continue
		}

		var no []Question
		found := false
		for _, t := range r.teams {
			q := r.question(kind, t.team)
			if q.Askable {
				out = append(out, q)
				found = true
			} else if len(t.Members) > 0 {
				no = append(no, q)
			}
		}
		switch {
		case found:
		case len(no) > 0:
			out = append(out, no[0])
		default:
			out = append(out, Question{ID: kind, Kind: kind, Options: []string{}, Why: "no team has a member"})
		}
	}
	return out
}

// askable returns the question of a kind about a team, or about one that it fits.
func (r *Room) askable(kind string, team int) (Question, error) {
	if kinds := r.setup.Lesson.Questions(); !slices.Contains(kinds, kind) {
		return Question{}, NotAskableError{fmt.Sprintf("%q is no question: use one of %s", kind, strings.Join(kinds, ", "))}
	}
	if team > 0 || kind == AskKeys {
		if kind != AskKeys && r.team(team) == nil {
			return Question{}, ErrNoTeam
		}
		q := r.question(kind, team)
		if !q.Askable {
			return Question{}, NotAskableError{q.Why}
		}
		return q, nil
	}

	why := "no team has a member"
	order := slices.Clone(r.teams)
	slices.SortStableFunc(order, func(a, b *teamState) int { // the team in the spotlight first
		return boolInt(b.team == r.spotlit()) - boolInt(a.team == r.spotlit())
	})
	for _, t := range order {
		q := r.question(kind, t.team)
		if q.Askable {
			return q, nil
		}
		if len(t.Members) > 0 {
			why = q.Why
		}
	}
	return Question{}, NotAskableError{why}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// question builds a question from the current state.
func (r *Room) question(kind string, team int) Question {
	q := Question{ID: kind, Kind: kind, Team: team, Options: []string{}}
	t, share := r.team(team), r.setup.Lesson.Share
	switch {
	case kind == AskKeys:
		q.Team = 0
		q.Why = r.fillKeys(&q)
	case t == nil:
		q.Why = "there is no such team"
	case share && kind == AskIdle:
		q.Why = r.fillBeside(&q, t)
	default:
		if q.Why = r.unfit(t); q.Why != "" {
			break
		}
		if share {
			q.Why = r.fillQueue(&q, t)
		} else {
			q.Why = r.fill(&q, t)
		}
	}
	q.Askable = q.Why == ""
	return q
}

// unfit returns why no question about the team has a determined answer now; empty if one may have.
func (r *Room) unfit(t *teamState) string {
	switch {
	case len(t.Members) == 0:
		return t.name + " has no member"
	case !t.staleAt.IsZero() || !r.topic.fresh:
		return "Kafka does not answer about " + t.name
	case !t.Settled || t.Group != "Stable":
		return t.name + " is rebalancing"
	case t.more > 0:
		return t.name + " has too many members"
	}
	for _, m := range t.Members {
		if !m.OnTopic {
			return "a member of " + t.name + " reads another topic"
		}
	}
	return ""
}

// fill sets text and options, and returns why the question cannot be asked.
func (r *Room) fill(q *Question, t *teamState) (why string) {
	n, have := r.partitions(), owners(t.Members)
	switch q.Kind {
	case AskSplit:
		if have != len(t.Members) {
			return t.name + " has an idle member already"
		}
		if have >= n {
			return fmt.Sprintf("%s has as many members as there are partitions", t.name)
		}
		q.Text = fmt.Sprintf("%s has %s of %s for %d partitions. One more joins: how are they shared?", t.name, countOf(have, "member"), r.assignorOf(t), n)
		q.offer(splitOptions(n, have, t.team)...)
	case AskIdle:
		if have != n || len(t.Members) != n {
			return fmt.Sprintf("%s has not exactly one member for each partition", t.name)
		}
		q.Text = fmt.Sprintf("%s has a member for each of the %d partitions. One more joins: what happens?", t.name, n)
		q.offer(idleOptions...)
	case AskSilence, AskGoodbye:
		if have < 2 {
			return t.name + " has nobody who could take over"
		}
		how, beliefs := "is killed", crashBeliefs
		if q.Kind == AskGoodbye {
			how, beliefs = "is stopped with Ctrl+C", goodbyeBeliefs
		}
		q.Text = fmt.Sprintf("A member of %s %s. How long until its partitions are read again?", t.name, how)
		q.offer(delayOptions(beliefs)...)
	case AskResume, AskTwice:
		return r.fillReread(q, t, have)
	case AskGrow:
		if have < 2 {
			return t.name + " has one owner: it would get the new partition in any case"
		}
		q.Text = fmt.Sprintf("The topic gets one more partition. What happens to the lanes of %s?", t.name)
		q.offer(growOptions...)
	}
	return ""
}

// fillReread fills the questions that are answered by duplicates of actions.
func (r *Room) fillReread(q *Question, t *teamState, have int) (why string) {
	const enough = 10
	switch {
	case !r.setup.Lesson.Actions:
		return "this lesson has no actions, which would show what is read again"
	case have < 2:
		return t.name + " has nobody who could take over"
	case t.work.Accepted < enough:
		return t.name + " publishes too few actions to see what it reads again"
	}

	if q.Kind == AskTwice {
		q.Text = fmt.Sprintf("A member of %s is killed. Does the team process records again?", t.name)
		q.offer(twiceOptions...)
		return ""
	}
	q.Text = fmt.Sprintf("A member of %s is killed between two commits. Where does the new owner go on?", t.name)
	q.offer(resumeOptions...)
	return ""
}

// fillKeys fills the question about keys: how many partitions receive records when all records have few keys.
func (r *Room) fillKeys(q *Question) (why string) {
	n := r.partitions()
	switch {
	case !r.topic.fresh:
		return "Kafka does not answer about the topic"
	case r.load == nil || r.load.Keys == "":
		return "the load is not known"
	case r.load.Paused || r.load.Rate < 2:
		return "too few records come to see it"
	case r.load.Keys == workshop.KeysFixed:
		return "records have few keys already"
	case r.load.FixedKeys < 2 || r.load.FixedKeys >= n:
		return fmt.Sprintf("set the number of fixed keys to 2 to %d first", n-1)
	}

	q.Text = fmt.Sprintf("From now on each record has one of %d keys. How many of the %d partitions fill?", r.load.FixedKeys, n)
	q.offer(keysOptions(r.load.FixedKeys, n)...)
	return ""
}

// assignorOf names the way in which the team's group assigns partitions.
func (r *Room) assignorOf(t *teamState) string {
	if t.Protocol == "consumer" {
		return "KIP-848"
	}
	if t.Assignor == "" {
		return "its assignor"
	}
	return t.Assignor
}

func countOf(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
