//go:build !unix

package httpserve

// openFiles is how many files this process may hold open: as many as there is memory for.
func openFiles() int { return 1 << 20 }
