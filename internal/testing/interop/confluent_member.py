"""A member by confluent-kafka (librdkafka), with either protocol. Settings come from the environment."""
import os
import signal

from confluent_kafka import Consumer

env = os.environ
settings = {
    "bootstrap.servers": env["KAFKA_BROKERS"],
    "group.id": env["MEMBER_GROUP"],
    "client.id": env["MEMBER_CLIENT_ID"],
    "group.protocol": env["MEMBER_PROTOCOL"],
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": 500,
}
if env["MEMBER_PROTOCOL"] == "classic":
    settings |= {
        "session.timeout.ms": 10000,
        "heartbeat.interval.ms": 500,
        "partition.assignment.strategy": "range",
    }
if env["KAFKA_USERNAME"]:
    settings |= {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": env["KAFKA_USERNAME"],
        "sasl.password": env["KAFKA_PASSWORD"],
        "ssl.ca.location": env["KAFKA_CA"],
    }
consumer = Consumer(settings)
consumer.subscribe([env["MEMBER_TOPIC"]])
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGTERM, stop)
while going:
    consumer.poll(0.2)
consumer.close()
