//go:build !unix

package cli

import (
	"context"
	"io"
)

// WhileRead returns a context that ends with ctx. Windows cannot report whether a pipe still has a reader; the next
// write fails.
func WhileRead(ctx context.Context, _ io.Writer) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
