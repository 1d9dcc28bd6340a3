package kafka

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestTheLibrarysLogIsALevelLower(t *testing.T) {
	for _, c := range []struct {
		level slog.Level
		text  string
		at    slog.Level // of our log
		want  string
	}{
		{slog.LevelWarn, "immediate metadata update", slog.LevelInfo, "level=INFO"},
		{slog.LevelInfo, "beginning to manage the group", slog.LevelInfo, ""},
		{slog.LevelError, "poll failed", slog.LevelWarn, "level=WARN"},
		{slog.LevelWarn, "unable to open connection to broker", slog.LevelInfo, ""},
		{slog.LevelWarn, "unable to open connection to broker", slog.LevelDebug, "level=DEBUG"},
	} {
		var out bytes.Buffer
		quiet(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: c.at}))).Log(t.Context(), c.level, c.text)
		if got := out.String(); !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%v %q at %v: %q, want %q", c.level, c.text, c.at, got, c.want)
		}
	}
}
