package cli

import (
	"context"
	"io"
	"os"
)

// Parent holds the hidden flag of programs that run as children of another program of ours.
type Parent struct {
	ParentPipe bool `hidden:"" help:"Exit when standard input closes; set by a parent that holds the other end."`
}

// Context returns a context that ends with ctx and, with the flag, when standard input closes. So children
// end with the parent that holds the other end of the pipe, however it dies.
func (p Parent) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if p.ParentPipe {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // an error closes the pipe, too
			cancel()
		}()
	}

	return ctx, cancel
}
