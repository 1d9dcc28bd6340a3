// Package worker runs workers of a share group (KIP-932). A worker takes a few records, locked for it only, does the
// job in each, and accepts it; or it rejects it, or gives it back for another worker. It reports everything that
// happens, and never decides how that is shown.
//
// A record is accepted only after its line is written. So every job is accepted at least once, and an interrupted one
// is done again by the next worker that gets it.
package worker
