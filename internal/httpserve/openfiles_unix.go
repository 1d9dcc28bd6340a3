//go:build unix

package httpserve

import "syscall"

// openFiles is how many files this process may hold open. Go's runtime has raised it as far as is allowed.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(uint64(limit.Cur), 1<<20))
}
