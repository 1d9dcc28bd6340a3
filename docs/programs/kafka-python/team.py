# pip install kafka-python
import json
import os
import signal

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import CommitFailedError, RebalanceInProgressError

GROUP = "team-7"
TOPIC = "new_users"
# guide: actions
TEAM = "team-7"
ACTIONS = "team-7.actions"
STATS = "team-7.stats"


def wanted(user):
    return user["premium"] and user["credit"] > 10


# guide: end
cluster = dict(
    bootstrap_servers=os.environ["KAFKA_BROKERS"].split(","),
    client_id=f"{GROUP}-python-{os.getpid()}",
    # guide: login
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-256",
    sasl_plain_username=os.environ["KAFKA_USERNAME"],
    sasl_plain_password=os.environ["KAFKA_PASSWORD"],
    # guide: ca
    ssl_cafile=os.environ["KAFKA_CA"],
    # guide: end
)
consumer = KafkaConsumer(
    TOPIC,
    group_id=GROUP,
    auto_offset_reset="earliest",  # where the group has not committed yet
    enable_auto_commit=False,
    session_timeout_ms=10000,
    heartbeat_interval_ms=1000,
    **cluster,
)
# guide: actions
producer = KafkaProducer(**cluster)
processed = flagged = 0
# guide: end
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)

while going:
    # guide: actions
    sent = []
    # guide: end
    for records in consumer.poll(timeout_ms=1000).values():
        for r in records:
            print(f"{r.topic}:{r.partition}:{r.offset} {r.value.decode()}", flush=True)
            # guide: actions
            user = json.loads(r.value)
            processed += 1
            if wanted(user):
                flagged += 1
                action = {"customer": user["email"], "type": "CONTACT_CUSTOMER", "reason": "VIP_USER", "team": TEAM}
                sent.append(producer.send(ACTIONS, json.dumps(action).encode(), user["email"].encode()))
    if sent:
        stats = {"team": TEAM, "processed": processed, "flagged": flagged}
        sent.append(producer.send(STATS, json.dumps(stats).encode(), cluster["client_id"].encode()))
    for s in sent:
        s.get(timeout=30)  # fails if Kafka did not store it, and then nothing is committed
    # guide: end
    try:
        consumer.commit()
    except (CommitFailedError, RebalanceInProgressError):
        print("the partitions have moved: their next owner reads the last records again", flush=True)

consumer.close(autocommit=False)  # leaves the group
