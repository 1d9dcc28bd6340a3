// Package member runs this process's members of a consumer group. They join, read, commit, leave and crash on command, and
// report what happens to them and to the group.
//
// A Handler (package pipeline) decides what to do with a record; a Sink (packages report and tui) decides what people see.
package member
