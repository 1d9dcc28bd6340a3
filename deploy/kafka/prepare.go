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
	"kafka-workshop/internal/textfile"
)

// clusterID returns the stored id of the cluster. The first start generates it. A data folder is for a fixed
// number of nodes.
func (c *cluster) clusterID() (string, error) {
	var stored struct {
		ID    string `json:"id"`
		Nodes int    `json:"nodes"`
	}
	file := c.data.Path("cluster.json")
	b, err := os.ReadFile(file)
	if err == nil {
		if err := json.Unmarshal(b, &stored); err != nil || stored.ID == "" {
			return "", fmt.Errorf("%s has no valid cluster id: start empty with --fresh, or name another folder with --data", file)
		}
		if stored.Nodes != c.flags.Nodes {
			return "", fmt.Errorf("the data folder %s holds a cluster with --nodes %d: use that number, name another folder with --data, or start empty with --fresh", c.data.Path(""), stored.Nodes)
		}
		return stored.ID, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}

	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[0] &= 0x7f           // the text must not begin with a dash, like a flag
	stored.ID = base64.RawURLEncoding.EncodeToString(id[:])
	stored.Nodes = c.flags.Nodes
	if b, err = json.Marshal(stored); err != nil {
		return "", err
	}
	return stored.ID, textfile.WritePrivate(file, b)
}

// prepare finds Java, the jars and the addresses, writes the configuration, and sets c.nodes.
func (c *cluster) prepare(ctx context.Context) error {
	at, err := c.flags.addresses()
	if err != nil {
		return err
	}
	java, err := apache.FindJava(ctx)
	if err != nil {
		return err
	}
	jars, err := apache.FindVersion(ctx, c.flags.version(), c.log)
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
	if c.flags.Properties != "" {
		more, err := os.ReadFile(c.flags.Properties)
		if err != nil {
			return fmt.Errorf("--properties: %w", err)
		}
		text = append(append(text, '\n'), more...)
	}
	file := c.data.Path("server.properties")
	if err := textfile.WritePrivate(file, text); err != nil {
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

// collector returns Java's option for the garbage collector with the shortest pauses: ZGC, where the JDK has
// it. Others paused the broker for 5 to 80 ms, which shows at a steady rate of records.
func collector(ctx context.Context, java string) string {
	if z := "-XX:+UseZGC"; apache.AcceptsOption(ctx, java, z) {
		return z
	}
	return "-XX:+UseParallelGC"
}

// sharedEnv returns the environment variables that are equal for all nodes.
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
	host, _ := os.Hostname() // the certificate then has one name less
	keystore, err := ca.keystore(now, c.flags.Listen, "localhost", "127.0.0.1", "::1", host)
	if err != nil {
		return nil, err
	}
	file := c.data.Path("keystore.pem")
	return append(env, "BROKER_PASSWORD="+password, "BROKER_KEYSTORE="+file), textfile.WritePrivate(file, keystore)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
