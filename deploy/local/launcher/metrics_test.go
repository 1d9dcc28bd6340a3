package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The metrics that docs/operations.md lists are exactly those that the two services export, with the same help texts.
func TestTheMetricsReferenceIsWhatTheServicesTell(t *testing.T) {
	t.Parallel()
	const token = "a token of this test alone"
	d := newDeployment(t, "--teams", "1", "--instructor-token", token)
	d.start(t)
	var told []string
	for _, address := range []string{d.panel, d.board} {
		told = append(told, metricsOf(t, address, token)...)
	}
	guide, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:producer|leaderboard)_[a-z_]+)(?:\\{[a-z]+\\})?` \\| (.+) \\|$").FindAllStringSubmatch(string(guide), -1) {
		listed = append(listed, row[1]+" "+row[2])
	}
	slices.Sort(told)
	slices.Sort(listed)
	for _, line := range told {
		if !slices.Contains(listed, line) {
			t.Errorf("docs/operations.md does not list: %s", line)
		}
	}
	for _, line := range listed {
		if !slices.Contains(told, line) {
			t.Errorf("docs/operations.md lists what no service tells: %s", line)
		}
	}
}

// metricsOf returns a service's own metrics, each with its help.
func metricsOf(t *testing.T, address, token string) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, resp.Status, err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "# HELP ")
		library := strings.HasPrefix(name, "leaderboard_kafka_") || strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")
		if ok && !library {
			out = append(out, name)
		}
	}
	return out
}
