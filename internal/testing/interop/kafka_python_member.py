"""A member by kafka-python, which has classic groups alone. Settings come from the environment."""
import faulthandler
import os
import signal

from kafka import KafkaConsumer

faulthandler.enable()  # a crash prints where
env = os.environ
login = {}
if env["KAFKA_USERNAME"]:
    login = dict(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_plain_username=env["KAFKA_USERNAME"],
        sasl_plain_password=env["KAFKA_PASSWORD"],
        ssl_cafile=env["KAFKA_CA"],
    )
consumer = KafkaConsumer(
    env["MEMBER_TOPIC"],
    bootstrap_servers=env["KAFKA_BROKERS"].split(","),
    group_id=env["MEMBER_GROUP"],
    client_id=env["MEMBER_CLIENT_ID"],
    auto_offset_reset="earliest",
    auto_commit_interval_ms=500,
    session_timeout_ms=10000,
    heartbeat_interval_ms=500,
    **login,
)
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGTERM, stop)
while going:
    consumer.poll(timeout_ms=200)
consumer.close()
