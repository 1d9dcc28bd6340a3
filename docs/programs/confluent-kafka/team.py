# pip install confluent-kafka
import json
import os
import signal

from confluent_kafka import Consumer, KafkaException, Producer

GROUP = "team-7"
TOPIC = "new_users"
# guide: actions
TEAM = "team-7"
ACTIONS = "team-7.actions"
STATS = "team-7.stats"


def wanted(user):
    return user["premium"] and user["credit"] > 10


def delivered(error, _):
    if error:
        raise KafkaException(error)  # flush raises it, and then the record is not committed


# guide: end
cluster = {
    "bootstrap.servers": os.environ["KAFKA_BROKERS"],
    "client.id": f"{GROUP}-confluent-{os.getpid()}",
    # guide: login
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "SCRAM-SHA-256",
    "sasl.username": os.environ["KAFKA_USERNAME"],
    "sasl.password": os.environ["KAFKA_PASSWORD"],
    # guide: ca
    "ssl.ca.location": os.environ["KAFKA_CA"],
    # guide: end
}
consumer = Consumer({
    **cluster,
    "group.id": GROUP,
    "auto.offset.reset": "earliest",  # where the group has not committed yet
    "enable.auto.offset.store": False,  # commits, every five seconds, only what store_offsets has named
    "session.timeout.ms": 10000,
    "heartbeat.interval.ms": 1000,
})
consumer.subscribe([TOPIC])
# guide: actions
producer = Producer({**cluster, "linger.ms": 0})
processed = flagged = 0
# guide: end
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)

while going:
    r = consumer.poll(1.0)
    if r is None:
        continue
    if r.error():
        print(r.error(), flush=True)
        continue
    print(f"{r.topic()}:{r.partition()}:{r.offset()} {r.value().decode()}", flush=True)
    # guide: actions
    user = json.loads(r.value())
    processed += 1
    if wanted(user):
        flagged += 1
        action = {"customer": user["email"], "type": "CONTACT_CUSTOMER", "reason": "VIP_USER", "team": TEAM}
        stats = {"team": TEAM, "processed": processed, "flagged": flagged}
        producer.produce(ACTIONS, json.dumps(action), user["email"], on_delivery=delivered)
        producer.produce(STATS, json.dumps(stats), cluster["client.id"], on_delivery=delivered)
        producer.flush()
    # guide: end
    try:
        consumer.store_offsets(r)
    except KafkaException:
        print("the partition has moved: its next owner reads the record again", flush=True)

consumer.close()  # commits what is stored, and leaves the group
