// Package worker runs workers of a share group (KIP-932). A worker takes a few records, locked for it alone, does the job in
// each, and accepts it; or it rejects it, or gives it back for another worker. It reports all that happens, and never decides
// how that is shown.
//
// A record is accepted only after its line is written. So every job is accepted at least once, and one that was interrupted is
// done again by whoever gets it next.
package worker
