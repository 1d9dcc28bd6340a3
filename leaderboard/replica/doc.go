// Package replica lets every leaderboard of a room serve its pages. The one that holds the room writes what the public may
// see to workshop.view, part by part; the others read it there and show it.
package replica
