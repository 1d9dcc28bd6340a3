package tui

import (
	"fmt"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/terminaltest"
)

func TestVotingInATerminal(t *testing.T) {
	tm := terminaltest.New(t)
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Namespace.Name("new_users"), 5, nil)
	board := &terminaltest.Board{
		Number: 7, Team: `{"team":7,"name":"team-7","points":110,"rank":2,"badges":[]}`, Step: "Scale",
		Question: `"question":"One more joins: how are they shared?","options":[{"option":0,"text":"5 + 0"},{"option":1,"text":"3 + 2"}]`,
	}
	tm.Open(120, 40, fmt.Sprintf("%s --namespace %s --team 7 --leaderboard %s; read wait", terminaltest.Client(t, c), c.Namespace, board.Serve(t)))

	tm.Await("Stable")
	tm.Await("Step 4 of 9 · Scale · ")
	tm.Await("v votes: One more joins: how are they shared?")
	tm.Press("v")
	tm.Await("Press 1 to 2.")
	tm.Press("1")
	tm.Await("5 + 0  ◀ yours")
	tm.Press("2")
	tm.Await("3 + 2  ◀ yours")
	tm.Press("Escape")
	tm.Await("You say 3 + 2 (v changes it)")
	tm.Await("A member 1") // which has continued meanwhile

	if votes := board.Answer(`"counts":[3,9],"answer":{"option":1,"because":"A partition has one owner."}`); votes != "[0 1]" {
		t.Errorf("votes %s", votes)
	}
	tm.Await("The answer is 3 + 2: A partition has one owner. You were right.")
	tm.Press("v")
	tm.Await("3 + 2     9 ████████████████████  ✓  ◀ yours")
	tm.Press("q")
	tm.Await("member 1 left")
}
