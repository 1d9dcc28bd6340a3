//go:build !unix

package cli

import (
	"context"
	"io"
)

// WhileRead returns a context that ends with ctx. Windows cannot tell whether anybody reads a pipe: the next write does.
func WhileRead(ctx context.Context, _ io.Writer) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
