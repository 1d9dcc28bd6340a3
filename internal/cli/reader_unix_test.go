//go:build unix

package cli

import (
	"os"
	"testing"
	"time"
)

func TestWhileReadEndsWithTheReader(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	ctx, stop := WhileRead(t.Context(), out)
	defer stop()

	if _, err := out.WriteString("not read\n"); err != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v", err, ctx.Err())
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Error("it goes on")
	}
}

func TestWhileReadEndsWhenItIsStopped(t *testing.T) {
	ctx, stop := WhileRead(t.Context(), os.Stdout)
	stop()
	if ctx.Err() == nil {
		t.Error("it goes on")
	}
}
