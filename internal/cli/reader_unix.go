//go:build unix

package cli

import (
	"context"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// checkReaderEvery is how often WhileRead looks whether the pipe still has a reader.
const checkReaderEvery = 200 * time.Millisecond

// WhileRead returns a context that ends with ctx, or when out is a pipe that nobody reads any more. Without it, a
// program notices that only at its next write, which may be a long time away if it waits for records. The returned
// function ends the watch.
func WhileRead(ctx context.Context, out io.Writer) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	file, ok := out.(interface{ Fd() uintptr })
	if !ok {
		return ctx, cancel
	}

	watched := []unix.PollFd{{Fd: int32(file.Fd())}} // no events are requested: errors are always reported
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for ctx.Err() == nil {
			n, err := unix.Poll(watched, int(checkReaderEvery.Milliseconds()))
			switch {
			case err != nil && err != unix.EINTR, watched[0].Revents&unix.POLLNVAL != 0:
				return // out cannot be watched
			case n > 0:
				cancel()
			}
		}
	}()
	return ctx, func() { cancel(); <-watching }
}
