// Package kafka holds what our Kafka clients have in common: the options of franz-go clients (addresses, login, TLS,
// timeouts, logging), the creation and metadata of topics, and reading topics in bounded memory, past batches that
// cannot be read.
package kafka
