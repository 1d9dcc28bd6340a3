// Package game holds the facts that a workshop produces and the rules over them: badges, points, ranks,
// events and the reveal of a frozen board.
//
// The rules are pure. A [Room] is stepped by facts (a [Sweep] of the consumer groups, [Scores] of the work
// that teams did, a [Command] of the instructor), each with the time at which it holds; it returns the
// [Changes] to store and builds the boards to show. It reads no clock and does no I/O.
package game
