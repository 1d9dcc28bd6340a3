// Package report writes what members read, and what happens to them, as lines: plain ones for people and pipes, JSON for
// programs. The screen is package tui's.
package report
