package main

import (
	"strings"
	"testing"

	"kafka-workshop/internal/datadir"
)

// The command that the banner prints serves the pages where the brokers listen: in the room, or on this machine only.
func TestTheBannersCommandServesTheRoom(t *testing.T) {
	data, err := datadir.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(data.Close)
	for listen, want := range map[string]string{
		"127.0.0.1":   "--env " + data.Path("settings.env") + "\n",
		"192.168.1.5": "--env " + data.Path("settings.env") + " --board 192.168.1.5:8080 --panel 192.168.1.5:8081\n",
		"fd00::5":     "--env " + data.Path("settings.env") + " --board [fd00::5]:8080 --panel [fd00::5]:8081\n",
	} {
		c := &cluster{flags: flags{Listen: listen, Nodes: 1, Secure: true}, data: data}
		if text := c.banner(); !strings.Contains(text, "go run ./deploy/local "+want) {
			t.Errorf("--listen %s: %s is not in %s", listen, want, text)
		}
	}
}
