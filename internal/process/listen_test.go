package process

import (
	"net"
	"testing"
)

func TestFreeAddressesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		addr, err := FreeAddr("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatalf("not free: %v", err)
		}
		defer ln.Close()
		if seen[addr] {
			t.Fatalf("%s was chosen twice", addr)
		}
		seen[addr] = true
	}
}

func TestATakenPortIsPassedOver(t *testing.T) {
	taken, err := Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	chosen.Add(^uint32(0)) // one back: the next choice is the taken one
	ln, err := Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
}

func TestNoAddressOfThisMachine(t *testing.T) {
	if addr, err := FreeAddr("192.0.2.1"); err == nil { // RFC 5737: for documentation
		t.Fatalf("%s is free", addr)
	}
}
