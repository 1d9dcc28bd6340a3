package cli

import (
	"context"
	"io"
	"os"
)

// Parent holds the hidden flag of a program that runs as a child of deploy/local.
type Parent struct {
	ParentPipe bool `hidden:"" help:"End when standard input closes: set by a parent that holds the other end."`
}

// Context ends when ctx does and, with the flag, when standard input closes: a parent that holds the
// other end of the pipe takes its children with it, however it dies.
func (p Parent) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if p.ParentPipe {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // any end of the pipe is the end
			cancel()
		}()
	}
	return ctx, cancel
}
