//go:build !unix

package httpserve

// openFiles returns how many files this process may have open. Only memory limits them here.
func openFiles() int { return 1 << 20 }
