// Package workshop defines the terms that all programs share: lessons, rooms, teams, users, actions, stats,
// criteria, run sheets, and the names of topics and groups. They are the wire contract as Go types. The package
// imports the standard library only. Connections, rules and screens belong to other packages.
package workshop
