package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"kafka-workshop/internal/database/leaks"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
)

// output collects what a program writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// The program itself reports no part of a wrong address, neither when it rejects it nor when it retries.
func TestTheProgramTellsNoPartOfAWrongAddress(t *testing.T) {
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	all := leaks.Addresses(u.Host)
	for i, address := range all {
		if i%9 != 0 || strings.ContainsRune(address, 0) { // a sample: the store's test has all of them
			continue
		}
		for _, how := range []string{"environment", "flag", "two words", "provision"} {
			said := tells(t, address, how)
			if leak := leaks.In(said); leak != "" || said == "" {
				t.Errorf("%s, by %s: tells %q: %s", address, how, leak, said)
			}
		}
	}
}

// tells runs the program until it rejects the address or reports on /readyz what is wrong with it.
func tells(t *testing.T, address, how string) string {
	t.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--listen", addr, "--teams", "2", "--brokers", "127.0.0.1:1", "--log-level", "debug"}
	var env []string
	switch how {
	case "environment":
		env = []string{"DATABASE_URL=" + address}
	case "flag":
		args = append(args, "--database-url", address)
	case "two words":
		args = append(append(args, "--database-url"), strings.Fields(address+" "+address)...)
	case "provision":
		args = []string{"provision", "--brokers", "127.0.0.1:1", "--database-url=" + address}
		env = []string{"DATABASE_URL=" + address}
	}

	out := &output{}
	p := &program{Cmd: exec.Command(os.Args[0], args...), url: "http://" + addr}
	p.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	p.Stdout, p.Stderr = out, out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.Wait() }()
	defer func() { _ = p.Process.Kill(); <-ended }()

	readyz := ""
	wait.Until(t, "a word about "+how, func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		status, body := p.get("/readyz")
		readyz = body
		return status == http.StatusServiceUnavailable && !strings.Contains(body, "starting")
	})
	return out.String() + readyz
}
