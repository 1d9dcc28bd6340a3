// Package load decides what producer-svc sends: how many records are due, what they contain, and
// which key they have. All of it is pure, with the time passed in, except the Emitter, which passes
// records to a Kafka client. Topics, the lease and pages are in packages control and panel.
package load
