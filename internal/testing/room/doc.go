// Package room gives tests a class room: an instructor's host and laptops, each a network namespace with an
// address of its own on one wifi, as their users have them. Nothing in it is on loopback. A laptop's link can
// be cut or made to swallow packets, and a real Chromium can sit on it.
//
// It needs root on Linux, and the programs ip and iptables. Elsewhere a test is skipped, and fails under CI=true.
package room
