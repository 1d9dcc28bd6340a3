package game

import (
	"encoding/json"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// The stored evidence of every badge that a stage can earn can be put into words.
func TestBadgesAreToldByTheirEvidence(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.after(time.Second).produce(1).sweep(stable(1, "a:0,1,2 b:3,4", 1, 1, 1, 1, 1))
	s.scores(Work{Team: 1, Accepted: 1, Meeting: 2, Found: 1})
	s.after(time.Second).produce(1).sweep(stable(1, "a:0,1,2,3,4", 2, 2, 2, 2, 2))

	want := map[string]string{
		Connected:     "client-a was in the group, from 10.0.0.1.",
		Scaled:        "client-a owned P0–P2, client-b owned P3 P4.",
		FirstLoad:     "The first action was accepted.",
		FaultTolerant: "A member was gone that owned P3 P4: client-a read on in P3 from offset 2, client-a read on in P4 from offset 2.",
	}
	awards := s.team(1).Awards
	for _, a := range awards {
		if got := a.EvidenceText(); got != want[a.Badge] {
			t.Errorf("%s: %q, want %q", a.Badge, got, want[a.Badge])
		}
	}
	if len(awards) != len(want) {
		t.Errorf("%d awards, want %d", len(awards), len(want))
	}
}

func TestEvidenceInWords(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 1, 0, 0, time.UTC)
	for badge, c := range map[string]struct{ evidence, want string }{
		Spare:          {`{"members":[{"id":"a","client_id":"ann","partitions":[0]},{"id":"b","client_id":"","partitions":[]}]}`, "b owned nothing, for the others owned every partition."},
		LagBuster:      {`{"behind":{"at":"2026-03-01T09:00:00Z","lag":2345,"peak":10}}`, "The group was 2345 records behind, and 60 s later it had committed all of them."},
		Sharpshooter:   {`{"actions":{"accepted":120,"rejected":1},"precision":0.992,"recall":0.97}`, "121 verified actions, precision 99.2 %, recall 97.0 %."},
		StatsPublished: {`{"stats":{"at":"x"}}`, "A valid stats record was on the team's topic."},
		FirstLoad:      {`{"committed":{"1":5,"0":7}}`, "The group committed P0 at 7, P1 at 5."},
		Connected:      {`{}`, ""},
		"of tomorrow":  {`{"members":[]}`, ""},
	} {
		if got := (Award{Badge: badge, At: at, Evidence: json.RawMessage(c.evidence)}).EvidenceText(); got != c.want {
			t.Errorf("%s: %q, want %q", badge, got, c.want)
		}
	}
	if got := (Award{Badge: Connected, Evidence: json.RawMessage(`nonsense`)}).EvidenceText(); got != "" {
		t.Errorf("nonsense is told as %q", got)
	}
}
