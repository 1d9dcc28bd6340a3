package main

import (
	"errors"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/postgrestest"

	"github.com/jackc/pgx/v5"
)

// A room watches one member, two, six and one again, with both group protocols. Then everything is killed and comes
// back with the same badges.
func TestARoomWatchesARebalance(t *testing.T) {
	for _, assignor := range []string{"range", "server"} {
		t.Run(assignor, func(t *testing.T) {
			t.Parallel()
			databaseURL := postgrestest.URL(t)
			d := newDeployment(t, "--teams", "2")
			if assignor == "server" { // with our own Postgres in one case, and with a given one in the other
				d.args = append(d.args, "--database-url", databaseURL)
			}
			d.start(t)
			tab := browsertest.New(t)
			tab.Open(t, "http://"+d.board+"/", 1920, 1080)
			watchRebalances(t, d, tab, assignor)
			before := d.earned(t)
			if before["connected"] == "" || before["scaled"] == "" || before["full_house"] == "" {
				t.Fatalf("badges after 1, 2 and 6 members: %v", before)
			}
			if assignor == "server" && storedBadges(t, databaseURL) < len(before) {
				t.Fatalf("Postgres holds %d badges, the board shows %d", storedBadges(t, databaseURL), len(before))
			}
			d.kill(t)
			d.start(t)
			if after := d.earned(t); !maps.Equal(shared(before, after), before) {
				t.Fatalf("badges before the kill %v, after it %v", before, after)
			}
			d.interrupt(t)
		})
	}
}

func watchRebalances(t *testing.T, d *deployment, tab *browsertest.Tab, assignor string) {
	members := []*exec.Cmd{d.member(t, assignor)}
	lanes(t, tab, "5", 0)
	members = append(members, d.member(t, assignor))
	lanes(t, tab, "3+2", 0)
	for len(members) < 6 {
		members = append(members, d.member(t, assignor))
	}
	lanes(t, tab, "1+1+1+1+1", 1)
	tab.Screenshot(t, "rebalance-"+assignor)
	for i, m := range members[1:] { // some leave, some crash
		if i%2 == 0 {
			_ = m.Process.Signal(os.Interrupt)
		} else {
			_ = m.Process.Kill()
		}
	}
	lanes(t, tab, "5", 0)
	goodbye(members[0]) // so that none of our members is taken for a leftover
	if errs := tab.Errors(); len(errs) > 0 {
		t.Errorf("the page's console: %q", errs)
	}
}

// shared returns what both have: a badge may be earned between the look and the kill.
func shared(before, after map[string]string) map[string]string {
	out := map[string]string{}
	for k := range before {
		if v, ok := after[k]; ok {
			out[k] = v
		}
	}
	return out
}

func storedBadges(t *testing.T, url string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM badges WHERE team = 1").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Anything that cannot work is reported in one line, with the right status, and leaves nothing running.
func TestFaultsAreOneLine(t *testing.T) {
	d := newDeployment(t)
	held, err := net.Listen("tcp", d.board)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"port taken":          {nil, cli.Failed, d.board + " is in use"},
		"unknown flag":        {[]string{"--bord", "x"}, cli.UsageWrong, "--bord"},
		"unknown lesson":      {[]string{"--lesson", "maths"}, cli.UsageWrong, "scale-up"},
		"foreign fresh":       {[]string{"--fresh", "--brokers", "10.0.0.1:9092"}, cli.UsageWrong, "--fresh"},
		"wide broker":         {[]string{"--kafka", "0.0.0.0:9092"}, cli.UsageWrong, "--kafka"},
		"short token":         {[]string{"--instructor-token", "abc"}, cli.UsageWrong, "--instructor-token"},
		"database not a URL":  {[]string{"--board", freeAddr(t), "--database-url", "workshop"}, cli.UsageWrong, "--database-url"},
		"database away":       {[]string{"--board", freeAddr(t), "--database-url", "postgres://u:hidden@127.0.0.1:1/x"}, cli.Failed, "connection refused"},
		"data below a file":   {[]string{"--data", filepath.Join(d.bin, "x")}, cli.Failed, "--data"},
		"rate out of range":   {[]string{"--rate", "-1"}, cli.UsageWrong, "--rate"},
		"no teams":            {[]string{"--teams", "0"}, cli.UsageWrong, "--teams"},
		"missing settings":    {[]string{"--env", "/does/not/exist"}, cli.UsageWrong, "/does/not/exist"},
		"address has no port": {[]string{"--panel", "127.0.0.1"}, cli.UsageWrong, "--panel"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := d.command(c.args...).CombinedOutput()
			text := strings.TrimSpace(string(out))
			if status := exitStatus(err); status != c.status || strings.Count(text, "\n") > 0 || !strings.Contains(text, c.says) {
				t.Fatalf("status %d, wanted %d and one line with %q:\n%s", status, c.status, c.says, text)
			}
			if strings.Contains(text, "hidden") {
				t.Fatalf("a password is shown: %s", text)
			}
			d.nothingLeft(t)
		})
	}
}

func TestASecondRunOverTheSameFolderIsRefused(t *testing.T) {
	d := newDeployment(t, "--teams", "1")
	d.start(t)
	other := &deployment{bin: d.bin, data: d.data, kafka: freeAddr(t), board: freeAddr(t), panel: freeAddr(t)}
	out, err := other.command().CombinedOutput()
	if exitStatus(err) != cli.Failed || !strings.Contains(string(out), "in use by another run") {
		t.Fatalf("status %d: %s", exitStatus(err), out)
	}
}

func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
