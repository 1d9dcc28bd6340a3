package docs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/workshop"
)

// The instructor's guide lists the steps of the run sheets for a whole class, with their minutes and the questions that they ask.
func TestTheGuideHasTheRunSheets(t *testing.T) {
	hasSheet(t, workshop.ScaleUp, 90)
	hasSheet(t, workshop.Queues, 50)
}

func hasSheet(t *testing.T, lesson workshop.Lesson, minutes float64) {
	t.Helper()
	s, err := sheet.Default(workshop.Room{Lesson: lesson, Teams: 15})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("instructor.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(text)
	total := 0.0
	for _, step := range s.Steps {
		row := strings.ReplaceAll(fmt.Sprintf("| %s | %v | %s |", step.Title, step.Minutes, step.Predict), "|  |", "| |")
		_, rest, found := strings.Cut(guide, row)
		if !found {
			t.Errorf("the guide lacks the row %q, or has it at another place", row)
			continue
		}
		guide = rest
		total += step.Minutes
	}
	if total != minutes {
		t.Errorf("the class of %v minutes takes %v", minutes, total)
	}
}
