package admission

import (
	"math"
	"testing"

	"kafka-workshop/internal/workshop"
)

// A guard checks fewer guesses than it receives; this test computes the resulting probability.
func TestGuessingStaysBelowOneInAMillionAnHour(t *testing.T) {
	codes := math.Pow(float64(len(workshop.CodeSymbols)), workshop.CodeLength)
	for _, teams := range []int{1, 15, 100, workshop.MaxTeams} {
		if p := guessesAnHour(teams) * float64(teams) / codes; p > 1.0001e-6 {
			t.Errorf("%d teams: a chance of %.2g", teams, p)
		}
	}
}
