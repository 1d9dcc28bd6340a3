package game

import (
	"encoding/json"
	"testing"
)

func TestTheEvidenceOfAnAnswerInWords(t *testing.T) {
	for evidence, want := range map[string]string{
		`{"before":{"A":[0,1,2,3,4]},"after":{"B":[3,4],"A":[0,1,2],"C":[]}}`: "Before: A P0–P4. After: A P0–P2, B P3 P4, C nothing.",
		`{"least_s":0,"most_s":1.2,"partitions":[3,4]}`:                       "Nobody read P3 P4 for at least 0.0 s and at most 1.2 s.",
		`{"duplicates":12,"accepted":100,"partitions":[3]}`:                   "12 actions came twice beside 100 that came once, after P3 had another owner.",
		`{"filled":1,"records":250,"keys":4}`:                                 "250 records with 4 keys arrived in one partition.",
		`{}`:                                                                  "", `nonsense`: "",
	} {
		if got := (Answer{Evidence: json.RawMessage(evidence)}).EvidenceText(); got != want {
			t.Errorf("%s: %q, want %q", evidence, got, want)
		}
	}
}
