// Package room gives tests a class room: an instructor's host and laptops on one wifi. Each is a network namespace with
// an address of its own, so that nothing is on loopback. A laptop's link can be taken down or made to drop packets, and a
// real Chromium can run on a laptop.
//
// It needs root on Linux, and the programs ip and iptables. Without them a test is skipped, or fails if CI=true.
package room
