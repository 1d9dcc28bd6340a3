// Package settings gets a laptop into its team's group: it fetches the team's settings from the leaderboard with the
// team's code, saves them, and passes them to the next start. The commands decide what to do with them.
package settings
