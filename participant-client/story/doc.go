// Package story explains what happens to a consumer group. Each Sentence is a kind and facts first, and text second, so that
// the screen, the plain output and the JSON output say the same, and tests compare facts (package truth).
package story
