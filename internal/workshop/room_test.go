package workshop

import (
	"strings"
	"testing"
)

func TestARoomNamesWhatItMakes(t *testing.T) {
	r := Room{Lesson: WebEvents, Namespace: "spring.", Teams: 15}
	for _, c := range []struct{ got, want string }{
		{r.Topic(), "spring.web-events-partitioned"},
		{r.Group(1), "spring.web-events-group"},
		{r.Group(7), "spring.web-events-group-7"},
		{r.Actions(7), "spring.team-7.actions"},
		{r.Stats(7), "spring.team-7.stats"},
		{r.User(7), "spring.team-7"},
		{r.TransactionalID(7, "laptop-1"), "spring.team-7.laptop-1"},
		{r.ControlTopic(), "spring.workshop.control"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestARoomThatCannotBeNamesTheFlag(t *testing.T) {
	for flag, r := range map[string]Room{
		"--lesson":        {Teams: 15},
		"--teams 0":       {Lesson: ScaleUp},
		"--teams 5001":    {Lesson: ScaleUp, Teams: MaxTeams + 1},
		`--namespace "a"`: {Lesson: ScaleUp, Teams: 15, Namespace: "a"},
	} {
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("want an error that names %s, got %v", flag, err)
		}
	}
	if err := (Room{Lesson: ScaleUp, Teams: MaxTeams}).Validate(); err != nil {
		t.Error(err)
	}
}
