// Package tui is the terminal screen: the topic's partitions as lanes in their owners' colours, what happens to the group and
// what it means, and keys that make it happen. It draws what package story knows and decides nothing.
package tui
