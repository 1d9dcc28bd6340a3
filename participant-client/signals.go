package main

import (
	"context"
	"os/signal"
	"syscall"
)

// untilHangup returns a context that ends with SIGHUP, too: the terminal is gone, and the members leave as with
// SIGTERM. Under nohup the process continues.
func untilHangup(ctx context.Context) (context.Context, context.CancelFunc) {
	if signal.Ignored(syscall.SIGHUP) {
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}
