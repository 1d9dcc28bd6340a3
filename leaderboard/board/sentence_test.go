package board

import (
	"strings"
	"testing"

	"kafka-workshop/leaderboard/game"
)

// One of our sentences still runs from left to right if it begins with a name in another script.
func TestSentencesAreNotMirrored(t *testing.T) {
	s := newSample(1)
	s.change(1, func(t *game.Team) {
		t.Events = []game.Event{{Team: 1, Kind: "badge", Text: "\u0641\u0631\u064a\u0642 is the first to scale: 3 + 2"}}
	})
	if text := newRoom(t, s).get(t, "/teams/1", false, 200); !strings.Contains(text, "<bdi dir=\"ltr\">\u0641\u0631\u064a\u0642 is the first to scale: 3 + 2</bdi>") {
		t.Error("the timeline leaves the direction to the sentence's first letter")
	}
}

// While Kafka does not answer, nobody knows what is arriving: the last figure would look current.
func TestNothingArrivesWhileKafkaIsAway(t *testing.T) {
	s := newSample(2)
	r := newRoom(t, s)
	if text := r.get(t, "/", false, 200); !strings.Contains(text, "/s arriving") {
		t.Error("the board does not say what arrives")
	}
	s.stale("Kafka does not answer")
	r.show(s)
	for _, path := range []string{"/", "/teams/1", "/instructor"} {
		if text := r.get(t, path, path == "/instructor", 200); strings.Contains(text, "/s arriving") {
			t.Errorf("%s says what arrives while Kafka is away", path)
		}
	}
}
