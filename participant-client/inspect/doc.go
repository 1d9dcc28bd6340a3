// Package inspect looks at topics and groups without joining any: it is the describe, tail, topic and check commands.
// Consuming as a member of a group is up to package member.
package inspect
