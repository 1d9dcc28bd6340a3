//go:build unix

package cli

import (
	"context"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// checkReaderEvery is how soon it is noticed that nobody reads any more.
const checkReaderEvery = 200 * time.Millisecond

// WhileRead returns a context that ends with ctx, or when nobody reads the pipe any more that out is. Without it, a program
// notices that only when it writes, which one that waits for records may not do for a long time. The returned function
// ends the watch.
func WhileRead(ctx context.Context, out io.Writer) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	file, ok := out.(interface{ Fd() uintptr })
	if !ok {
		return ctx, cancel
	}

	watched := []unix.PollFd{{Fd: int32(file.Fd())}} // which asks for errors alone
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
