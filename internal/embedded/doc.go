// Package embedded runs a Kafka broker inside this process, for a first look on one laptop and for tests. It listens on
// loopback only, without TLS or logins. Real classes use a cluster that deploy/kafka starts.
package embedded
