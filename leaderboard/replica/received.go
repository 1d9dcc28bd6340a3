package replica

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kafka-workshop/leaderboard/game"
)

// A received view is the part of a View that a reader has so far.
type received struct {
	lesson string
	term   int64 // of the newest board; records of an older term are ignored
	board  *boardPart
	teams  map[int]*receivedTeam
}

type receivedTeam struct {
	row   *rowPart
	log   logPart
	ended map[int][]spanPart // by block
}

func newReceived(lesson string) *received {
	return &received{lesson: lesson, teams: map[int]*receivedTeam{}}
}

var errNoPart = errors.New("the key names no part of a view")

// add applies a record. It reports whether that was the board, which ends a write. A holder that has lost the room, but does
// not know it yet, writes with a lower term than its successor; those records are ignored.
func (r *received) add(key string, value []byte, term int64) (whole bool, err error) {
	part, ours := strings.CutPrefix(key, r.lesson+"/")
	if !ours || term < r.term {
		return false, nil
	}
	r.term = term
	if part == boardKey {
		var b boardPart
		if err := json.Unmarshal(value, &b); err != nil {
			return false, fmt.Errorf("decode %s: %w", key, err)
		}
		r.board = &b
		return true, nil
	}

	name, rest, _ := strings.Cut(strings.TrimPrefix(part, "team-"), "/")
	number, err := strconv.Atoi(name)
	if err != nil || number < 1 {
		return false, fmt.Errorf("%w: %q", errNoPart, key)
	}
	t := r.teams[number]
	if t == nil {
		t = &receivedTeam{ended: map[int][]spanPart{}}
		r.teams[number] = t
	}
	if err := t.add(rest, value); err != nil {
		return false, fmt.Errorf("decode %s: %w", key, err)
	}
	return false, nil
}

func (t *receivedTeam) add(part string, value []byte) error {
	switch block, ended := strings.CutPrefix(part, "ended/"); {
	case part == "":
		var row rowPart
		if err := json.Unmarshal(value, &row); err != nil {
			return err
		}
		t.row = &row
	case part == "log":
		var log logPart
		if err := json.Unmarshal(value, &log); err != nil {
			return err
		}
		t.log = log
	case ended:
		number, err := strconv.Atoi(block)
		if err != nil {
			return errNoPart
		}
		var spans []spanPart
		if err := json.Unmarshal(value, &spans); err != nil {
			return err
		}
		t.ended[number] = spans
	default:
		return errNoPart
	}
	return nil
}

// view returns the board; ok is false while a team's row is missing.
func (r *received) view() (b game.Board, ok bool) {
	if r.board == nil {
		return b, false
	}
	teams := make([]game.Team, r.board.Teams)
	for i := range teams {
		t := r.teams[i+1]
		if t == nil || t.row == nil {
			return b, false
		}
		teams[i] = t.row.team(t.log, t.spans(r.board.Round))
	}
	return r.board.board(teams), true
}

// spans returns the ended spans of a round that have arrived.
func (t *receivedTeam) spans(round int) []game.Span {
	var out []game.Span
	for block := 0; len(out) == block*blockSpans && len(out) < t.row.Ended; block++ {
		for _, s := range t.ended[block] {
			if s.Round == round && len(out) < t.row.Ended {
				out = append(out, s.span())
			}
		}
	}
	return out
}
