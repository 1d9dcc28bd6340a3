//go:build linux

package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/room"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

// A class is deploy/local --class on the instructor's host of a room, and what it printed.
type class struct {
	*room.Room
	bin, data    string
	board, panel string // the pages' addresses
	token        string
	codes        []string
	banner       string

	cmd   *exec.Cmd
	ended chan error
}

const classTeams = 4

// startClass starts a class and returns once the banner is printed.
func startClass(t *testing.T, laptops int) *class {
	t.Helper()
	classNeeds(t)
	r := room.New(t, laptops)
	c := &class{Room: r, data: filepath.Join(t.TempDir(), "data"), board: "http://" + r.Instructor.IP + ":8080", panel: "http://" + r.Instructor.IP + ":8081"}

	bin := filepath.Join(t.TempDir(), "local")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	c.bin = bin
	c.start(t)
	return c
}

// classNeeds skips the test if the machine lacks a JDK or Kafka's jars.
func classNeeds(t *testing.T) {
	t.Helper()
	_, err := apache.FindJava(t.Context())
	if err == nil {
		_, err = apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	}
	if err == nil {
		_, err = exec.LookPath("curl")
	}
	if err != nil {
		lacks.Part(t, "no class can be set up here: %v", err)
	}
}

func (c *class) start(t *testing.T) {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd = c.Instructor.Command(c.bin, "--class", "--data", c.data, "--teams", fmt.Sprint(classTeams))
	c.cmd.Dir = wd // in the checkout, as an instructor starts it
	c.cmd.Env = os.Environ()
	c.cmd.Stderr = room.Log(t)
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.cmd != nil {
			c.interrupt(t)
		}
	})

	defer bound(c.cmd)()
	c.ended = make(chan error, 1)
	banner := make(chan string, 1)
	go func() {
		var text strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(&text, lines.Text())
			if strings.HasPrefix(lines.Text(), "Ctrl+C stops") {
				banner <- text.String()
			}
		}
		c.ended <- c.cmd.Wait()
	}()
	select {
	case c.banner = <-banner:
	case err := <-c.ended:
		c.cmd = nil
		t.Fatalf("ended while starting: %v", err)
	}

	settings, err := cli.ReadEnvFile(filepath.Join(c.data, "handouts", "leaderboard.env"))
	if err != nil {
		t.Fatal(err)
	}
	c.token = settings["INSTRUCTOR_TOKEN"]
	c.codes = workshop.Secret(settings["WORKSHOP_SECRET"]).Codes("", classTeams)
}

// interrupt sends Ctrl+C and waits until everything has ended.
func (c *class) interrupt(t *testing.T) {
	t.Helper()
	defer bound(c.cmd)()
	_ = c.cmd.Process.Signal(os.Interrupt) // it may have ended
	if err := <-c.ended; err != nil {
		t.Errorf("Ctrl+C: %v", err)
	}
	c.cmd = nil
	nothingLeft(t, c.data)
}

// ask sends a request from a host; the body is JSON. It returns the status and the response.
func ask(t *testing.T, from *room.Host, method, url, token, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}

	resp, err := from.HTTP().Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode, string(text)
}

// A boardTeam is a team in the API.
type boardTeam struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Members []struct {
		MemberID string `json:"member_id"`
		ClientID string `json:"client_id"`
		Host     string `json:"host"`
	} `json:"members"`
	Badges []struct {
		Badge string `json:"badge"`
	} `json:"badges"`
}

func (b boardTeam) has(badge string) bool {
	for _, have := range b.Badges {
		if have.Badge == badge {
			return true
		}
	}
	return false
}

// team reads a team from a laptop with good wifi.
func (c *class) team(t *testing.T, number int) boardTeam {
	t.Helper()
	status, text := ask(t, c.Laptops[4], "GET", fmt.Sprintf("%s/api/teams/%d", c.board, number), "", "")
	var team boardTeam
	if err := json.Unmarshal([]byte(text), &team); err != nil || status != http.StatusOK {
		t.Fatalf("team %d: %d %v %s", number, status, err, text)
	}
	return team
}

// until waits until a team meets the condition.
func (c *class) until(t *testing.T, number int, what string, wanted func(boardTeam) bool) {
	t.Helper()
	wait.For(t, "the team", func() error {
		if team := c.team(t, number); !wanted(team) {
			return fmt.Errorf("team %d: waiting for %s, it is %+v", number, what, team)
		}
		return nil
	})
}

// checkBanner checks that the banner names the handouts, addresses that laptops reach, and the link that logs in, and
// that the token appears nowhere else.
func (c *class) checkBanner(t *testing.T) {
	for _, text := range []string{c.board + "/", c.panel + "/login#" + c.token, filepath.Join(c.data, "handouts", "handouts.html"), "of 6 are built"} {
		if !strings.Contains(c.banner, text) {
			t.Errorf("the banner does not say %s:\n%s", text, c.banner)
		}
	}
	if n := strings.Count(c.banner, c.token); n != 1 {
		t.Errorf("the banner shows the token %d times:\n%s", n, c.banner)
	}
	if strings.Contains(c.banner, "127.0.0.1") {
		t.Errorf("the banner sends laptops to themselves:\n%s", c.banner)
	}
}

// noAdministrator checks that neither service has the administrator's password in any form.
func (c *class) noAdministrator(t *testing.T) {
	admin, err := cli.ReadEnvFile(filepath.Join(c.data, "kafka", "settings.env"))
	if err != nil || admin["KAFKA_PASSWORD"] == "" {
		t.Fatalf("settings of the administrator: %v, %v", admin, err)
	}
	for _, service := range []string{"leaderboard", "producer-svc"} {
		own, err := os.ReadFile(filepath.Join(c.data, "handouts", service+".env"))
		if err != nil || !strings.Contains(string(own), "KAFKA_USERNAME="+service+"\n") || strings.Contains(string(own), admin["KAFKA_PASSWORD"]) {
			t.Errorf("%s does not log in as itself: %v", service, err)
		}

		seen := 0
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well formed
		for _, file := range files {
			line, err := os.ReadFile(file)
			if err != nil || !strings.HasPrefix(string(line), filepath.Join(c.data, "bin", service)) {
				continue
			}
			seen++
			environment, err := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
			if err != nil || strings.Contains(string(environment), admin["KAFKA_PASSWORD"]) {
				t.Errorf("%s has the administrator's password, or: %v", service, err)
			}
		}
		if seen != 1 {
			t.Errorf("%s runs %d times", service, seen)
		}
	}
}

// checkDownloads waits for the clients of all platforms and verifies their checksums.
func (c *class) checkDownloads(t *testing.T) {
	for _, p := range platforms {
		name := clientName(p[0], p[1])
		var body string
		wait.For(t, "the client", func() error {
			status, text := ask(t, c.Laptops[0], "GET", c.board+"/downloads/"+name, "", "")
			if status == http.StatusServiceUnavailable && strings.Contains(text, "still being built") {
				return fmt.Errorf("%s is not built", name)
			}
			if status != http.StatusOK {
				t.Fatalf("%s: %d %.200s", name, status, text)
			}
			body = text
			return nil
		})

		sum := sha256.Sum256([]byte(body))
		if _, list := ask(t, c.Laptops[0], "GET", c.board+"/downloads/SHA256SUMS", "", ""); !strings.Contains(list, hex.EncodeToString(sum[:])+"  "+name+"\n") {
			t.Errorf("the checksum of %s is not in %s", name, list)
		}
	}
	wait.For(t, "the join page", func() error {
		if _, page := ask(t, c.Laptops[0], "GET", c.board+"/join", "", ""); strings.Contains(page, "still being built") {
			return fmt.Errorf("/join says that a client is still being built")
		}
		return nil
	})
}
