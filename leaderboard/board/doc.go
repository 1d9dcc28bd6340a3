// Package board serves what the room and the instructor look at: pages, their event streams, and the JSON of the
// leaderboard's API. It shows the Views that are published to it. It computes no points and keeps no game state; it passes
// the instructor's actions to Commands.
package board
