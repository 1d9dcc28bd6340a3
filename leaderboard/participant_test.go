package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/gobuild"
	"kafka-workshop/internal/testing/wait"
)

// buildPrograms builds the shipped client and the producer service, and returns their folder.
func buildPrograms(t *testing.T) string {
	t.Helper()
	root, err := gobuild.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + string(filepath.Separator)
	if err := gobuild.Build(t.Context(), root, dir, []string{"participant-client", "producer-svc"}, func(line string) { t.Log(line) }); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A participant is the shipped client in its own process, with the records that it has written to stdout.
type participant struct {
	*clientProcess
	members int

	mu    sync.Mutex // guards what follows
	reads []read
}

// A read is a record that a participant wrote to stdout.
type read struct {
	at        time.Time
	partition int32
	offset    int64
}

// join starts a participant of team 1 with that many members.
func (c *class) join(t *testing.T, members int, flags ...string) *participant {
	t.Helper()
	args := append([]string{"run", "--team", "1", "--format", "plain", "--solve", "--assignor", c.assignor, "--instances", strconv.Itoa(members)}, flags...)
	if c.assignor != "server" {
		args = append(args, "--session-timeout", c.session.String())
	}
	p := &participant{members: members}
	p.clientProcess = startClient(t, c.programs, c.Cluster, nil, func(line []byte) { p.read(string(line), time.Now()) }, args...)
	c.participants = append(c.participants, p)
	return p
}

// read parses a line of plain output: "new_users:1:42 key=- …", with the member's number before it if there are several.
func (p *participant) read(line string, at time.Time) {
	where, _, ok := strings.Cut(line, " key=")
	parts := strings.Split(where, ":")
	if !ok || len(parts) < 3 {
		return
	}
	partition, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		return
	}
	offset, err := strconv.ParseInt(parts[len(parts)-1], 10, 64)
	if err != nil {
		return
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads = append(p.reads, read{at, int32(partition), offset})
}

// readsOf returns the process's reads of the partitions.
func (p *participant) readsOf(partitions []int32) []read {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []read
	for _, r := range p.reads {
		for _, one := range partitions {
			if r.partition == one {
				out = append(out, r)
			}
		}
	}
	return out
}

// reading returns the partitions from which the process has read records since a time.
func (p *participant) reading(since time.Time) map[int32]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[int32]bool{}
	for _, r := range p.reads {
		if r.at.After(since) {
			out[r.partition] = true
		}
	}
	return out
}

// last returns the offset after the last record of the partition that the process read; 0 for none.
func (p *participant) last(partition int32) int64 {
	next := int64(0)
	for _, r := range p.readsOf([]int32{partition}) {
		next = max(next, r.offset+1)
	}
	return next
}

// readAgain waits until another participant has read each of the partitions after a time. It returns the first of those reads
// by partition.
func (c *class) readAgain(t *testing.T, gone *participant, partitions []int32, after time.Time) map[int32]read {
	t.Helper()
	first := map[int32]read{}
	wait.Until(t, "others read the partitions of the one that went", func() bool {
		for _, p := range c.participants {
			if p == gone {
				continue
			}
			for _, r := range p.readsOf(partitions) {
				if old, ok := first[r.partition]; r.at.After(after) && (!ok || r.at.Before(old.at)) {
					first[r.partition] = r
				}
			}
		}
		return len(first) == len(partitions)
	})
	return first
}
