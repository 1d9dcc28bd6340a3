//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
)

// A class on an instructor's laptop: a secured Kafka and the services on an address of the room's
// network, and a participant on another host of that network with nothing but a line from the handout.
func TestAClassOnALaptop(t *testing.T) {
	if err := classNeeds(t); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Logf("not tested: %v", err)
		return
	}
	lan := newNetwork(t)
	settings := startKafka(t, lan.instructor)

	d := newDeployment(t, "--env", settings, "--teams", "3")
	d.board = freeAddrOn(t, lan.instructor)
	d.start(t)
	handout, err := cli.ReadEnvFile(filepath.Join(d.data, "handouts", "leaderboard.env"))
	if err != nil {
		t.Fatal(err)
	}
	secret := workshop.Secret(handout["WORKSHOP_SECRET"])
	noAdministrator(t, d, settings)

	code := secret.Codes("", 3)[0]
	line := fmt.Sprintf("curl -fsS http://%s/join.sh | WORKSHOP_CODE=%s sh", d.board, code)
	lan.run(t, "sh", "-c", line)
	badge(t, d, "connected")
	lan.run(t, "./participant-client") // its settings were kept
	badge(t, d, "scaled")
	if from := memberHosts(t, d); from != lan.laptop {
		t.Errorf("members come from %s, the laptop is %s", from, lan.laptop)
	}
	out := lan.command("curl", "-sS", "-X", "POST", "-H", "Content-Type: application/json", "-d", `{"code":"`+secret.Codes("", 3)[1]+`"}`, "http://"+d.board+"/api/join")
	if answer, err := out.CombinedOutput(); err != nil || !strings.Contains(string(answer), `"team":2`) || !strings.Contains(string(answer), lan.instructor) {
		t.Errorf("another team's code: %v: %s", err, answer)
	}
}

// classNeeds says what this machine lacks.
func classNeeds(t *testing.T) error {
	t.Helper()
	if os.Geteuid() != 0 {
		return fmt.Errorf("network namespaces are for root")
	}
	for _, program := range []string{"ip", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	if _, err := apache.FindJava(t.Context()); err != nil {
		return err
	}
	_, err := apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	return err
}

// network is one of two hosts: us, and a laptop in a namespace of its own.
type network struct {
	namespace          string
	instructor, laptop string // addresses
	home               string // the laptop's
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	pid := os.Getpid()
	n := &network{namespace: fmt.Sprintf("class-%d", pid), home: t.TempDir()}
	ours, theirs := fmt.Sprintf("desk%d", pid), fmt.Sprintf("lap%d", pid) // 15 characters at most
	subnet := netip.AddrFrom4([4]byte{10, 200 + byte(pid>>14%50), byte(pid >> 6), byte(pid<<2) & 0xfc})
	n.instructor, n.laptop = subnet.Next().String(), subnet.Next().Next().String()
	ip(t, "netns", "add", n.namespace)
	t.Cleanup(func() { ip(t, "netns", "del", n.namespace) })
	ip(t, "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", n.namespace)
	ip(t, "addr", "add", n.instructor+"/30", "dev", ours)
	ip(t, "link", "set", ours, "up")
	for _, words := range []string{"addr add " + n.laptop + "/30 dev " + theirs, "link set " + theirs + " up", "link set lo up"} {
		ip(t, append([]string{"-n", n.namespace}, strings.Fields(words)...)...)
	}
	return n
}

func ip(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.Command("ip", words...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(words, " "), err, out)
	}
}

// command is one on the laptop, without a terminal.
func (n *network) command(words ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", n.namespace}, words...)...)
	cmd.Dir = n.home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + n.home}
	return cmd
}

// run starts a program on the laptop; Ctrl+C ends it with the test.
func (n *network) run(t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	cmd := n.command(words...)
	cmd.Stderr = &testLog{t: t}
	launch(t, cmd)
	return cmd
}

// launch starts a process in a session of its own, and gives all of it a Ctrl+C at the test's end.
func launch(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)                                        // it may have ended
		if err := cmd.Wait(); err != nil && !strings.Contains(err.Error(), "signal: interrupt") { // a shell's end
			t.Errorf("%s: %v", strings.Join(cmd.Args, " "), err)
		}
	})
}

// startKafka gives the file with the administrator's settings of a secured cluster on the address.
func startKafka(t *testing.T, address string) string {
	t.Helper()
	dir := t.TempDir()
	bin, settings := filepath.Join(dir, "kafka"), filepath.Join(dir, "kafka.env")
	if out, err := exec.Command("go", "build", "-o", bin, "kafka-workshop/deploy/kafka").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	cmd := exec.Command(bin, "--secure", "--listen", address, "--port", "0", "--data", filepath.Join(dir, "data"), "--settings", settings)
	cmd.Stderr = &testLog{t: t}
	launch(t, cmd)
	eventually(t, func() error {
		_, err := os.Stat(settings)
		return err
	})
	return settings
}

// noAdministrator holds that neither service has the administrator's password, in any way.
func noAdministrator(t *testing.T, d *deployment, settings string) {
	t.Helper()
	admin, err := cli.ReadEnvFile(settings)
	if err != nil || admin["KAFKA_PASSWORD"] == "" {
		t.Fatalf("settings of the administrator: %v, %v", admin, err)
	}
	for _, service := range []string{"leaderboard", "producer-svc"} {
		own, err := os.ReadFile(filepath.Join(d.data, "handouts", service+".env"))
		if err != nil || !strings.Contains(string(own), "KAFKA_USERNAME="+service+"\n") || strings.Contains(string(own), admin["KAFKA_PASSWORD"]) {
			t.Errorf("%s does not log in as itself: %v", service, err)
		}
		environments, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well formed
		seen := 0
		for _, file := range environments {
			line, err := os.ReadFile(file)
			if err != nil || !strings.HasPrefix(string(line), filepath.Join(d.data, "bin", service)) {
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

// badge waits for one of team 1's.
func badge(t *testing.T, d *deployment, id string) {
	t.Helper()
	eventually(t, func() error {
		if have := d.earned(t); have[id] == "" {
			return fmt.Errorf("team 1 waits for %s, has %v", id, have)
		}
		return nil
	})
}

// memberHosts is where team 1's members come from, as Kafka sees them.
func memberHosts(t *testing.T, d *deployment) string {
	t.Helper()
	var team struct {
		Members []struct {
			Host string `json:"host"`
		} `json:"members"`
	}
	look(t, "http://"+d.board+"/api/teams/1", &team)
	hosts := map[string]bool{}
	for _, m := range team.Members {
		hosts[strings.TrimPrefix(m.Host, "/")] = true
	}
	if len(hosts) != 1 || len(team.Members) < 2 {
		return strconv.Itoa(len(team.Members)) + " members"
	}
	for host := range hosts {
		return host
	}
	return ""
}
