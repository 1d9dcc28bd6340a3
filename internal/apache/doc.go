// Package apache finds what Apache Kafka needs to run from its published jars: Java, and the jars, which
// Maven downloads once. deploy/kafka and tests use it.
package apache
