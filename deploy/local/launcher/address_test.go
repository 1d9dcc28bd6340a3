package main

import (
	"net/netip"
	"strings"
	"testing"
)

func TestTheRoomsAddress(t *testing.T) {
	at := func(ip, device string) address { return address{netip.MustParseAddr(ip), device} }
	for name, c := range map[string]struct {
		own  []address
		want string
		says []string
	}{
		"one":                {[]address{at("192.168.1.5", "wlan0")}, "192.168.1.5", nil},
		"beside docker":      {[]address{at("172.17.0.1", "docker0"), at("10.0.0.7", "en0"), at("172.18.0.1", "br-4f1")}, "10.0.0.7", nil},
		"beside a VPN":       {[]address{at("10.8.0.2", "utun4"), at("192.168.1.5", "en0"), at("100.101.2.3", "tailscale0")}, "192.168.1.5", nil},
		"beside WSL":         {[]address{at("172.29.0.1", "vEthernet (WSL)"), at("192.168.1.5", "Wi-Fi")}, "192.168.1.5", nil},
		"cable and wifi":     {[]address{at("192.168.1.5", "wlan0"), at("10.0.0.7", "eth0")}, "", []string{"--listen", "192.168.1.5 (wlan0)", "10.0.0.7 (eth0)"}},
		"a public one alone": {[]address{at("203.0.113.9", "eth0")}, "", []string{"--listen", "203.0.113.9 (eth0)"}},
		"none":               {nil, "", []string{"--listen", "join the room's network"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := chooseAddress(c.own)
			if got != c.want || (err == nil) != (c.says == nil) {
				t.Fatalf("%q, %v", got, err)
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v does not name %s", err, text)
				}
			}
		})
	}
}
