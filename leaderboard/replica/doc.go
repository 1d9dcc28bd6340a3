// Package replica lets every leaderboard of a room serve its pages. The leaderboard that holds the room writes the public
// View to workshop.view, part by part; the others read the topic and show it.
package replica
