// Package member runs this process's members of a consumer group. They join, read, commit, leave and crash on command, and
// report what happens to them and to the group.
//
// What becomes of a record is up to a Handler (package pipeline); what people see is up to a Sink (packages report and tui).
package member
