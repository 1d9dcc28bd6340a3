package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"kafka-workshop/internal/apache"
)

// identity is the cluster's id, made at the first time. A folder is for one number of nodes.
func (c *cluster) identity() (string, error) {
	var kept struct {
		ID    string `json:"id"`
		Nodes int    `json:"nodes"`
	}
	file := c.data.Path("cluster.json")
	b, err := os.ReadFile(file)
	if err == nil {
		if err := json.Unmarshal(b, &kept); err != nil || kept.ID == "" {
			return "", fmt.Errorf("%s does not say which cluster lies there: start empty with --fresh, or name another folder with --data", file)
		}
		if kept.Nodes != c.flags.Nodes {
			return "", fmt.Errorf("the data folder %s holds a cluster of --nodes %d: start it so, name another with --data, or start empty with --fresh", c.data.Path(""), kept.Nodes)
		}
		return kept.ID, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[0] &= 0x7f           // or it might begin with a dash, which looks like a flag
	kept.ID, kept.Nodes = base64.RawURLEncoding.EncodeToString(id[:]), c.flags.Nodes
	if b, err = json.Marshal(kept); err != nil {
		return "", err
	}
	return kept.ID, os.WriteFile(file, b, 0o600)
}

// prepare finds Java, the jars and the addresses, and writes what nodes read.
func (c *cluster) prepare(ctx context.Context) error {
	at, err := c.flags.addresses()
	if err != nil {
		return err
	}
	java, err := apache.FindJava(ctx)
	if err != nil {
		return err
	}
	jars, err := apache.FindJars(ctx, c.say)
	if err != nil {
		return err
	}
	if c.password, err = c.data.Secret("admin-password", ""); err != nil {
		return err
	}
	text, err := properties(c.flags.Nodes, c.flags.Secure)
	if err != nil {
		return err
	}
	file := c.data.Path("server.properties")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	env, err := c.sharedEnv(at)
	if err != nil {
		return err
	}
	heap := "512m"
	if c.flags.Nodes > 1 {
		heap = "384m"
	}
	gc := collector(ctx, java)
	for i := range at {
		c.nodes = append(c.nodes, &node{id: i + 1, at: at[i], data: c.data.Path(fmt.Sprintf("node-%d", i+1)),
			env: env, java: java, jars: jars, config: file, heap: heap, collector: gc})
	}
	return nil
}

// collector is the option for the garbage collector that stops the broker for the shortest time: others
// let it stand still for 5 to 80 ms, and records that arrive by the clock don't. Not every JDK has it.
func collector(ctx context.Context, java string) string {
	if z := "-XX:+UseZGC"; apache.AcceptsOption(ctx, java, z) {
		return z
	}
	return "-XX:+UseParallelGC"
}

// sharedEnv is the part of the nodes' environment that is the same for all.
func (c *cluster) sharedEnv(at []addresses) ([]string, error) {
	voters := make([]string, len(at))
	for i, a := range at {
		voters[i] = fmt.Sprintf("%d@%s", i+1, a.controller)
	}
	env := []string{"BROKER_VOTERS=" + strings.Join(voters, ",")}
	if !c.flags.Secure {
		return env, nil
	}
	password, err := c.data.Secret("broker-password", "")
	if err != nil {
		return nil, err
	}
	now := time.Now()
	ca, err := openAuthority(c.caFile(), c.data.Path("ca-key.pem"), now)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname() // without a name there is one name less
	keystore, err := ca.keystore(now, c.flags.Listen, "localhost", "127.0.0.1", "::1", host)
	if err != nil {
		return nil, err
	}
	file := c.data.Path("keystore.pem")
	return append(env, "BROKER_PASSWORD="+password, "BROKER_KEYSTORE="+file), os.WriteFile(file, keystore, 0o600)
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
