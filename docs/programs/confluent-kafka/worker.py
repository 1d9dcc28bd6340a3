# pip install confluent-kafka
import json
import os
import signal
import time

from confluent_kafka import AcknowledgeType, KafkaException, Producer, ShareConsumer

GROUP = "crew-7"
TOPIC = "jobs"
TEAM = "team-7"
STATS = "team-7.stats"

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
consumer = ShareConsumer({
    **cluster,
    "group.id": GROUP,
    "share.acknowledgement.mode": "explicit",  # accept, release or reject each job by itself
    "max.poll.records": 4,  # what this worker holds waits for it, and the lock ends after 15 s
})
consumer.subscribe([TOPIC])
producer = Producer({**cluster, "linger.ms": 0})
processed = redelivered = rejected = 0
going = True


def stop(*_):
    global going
    going = False


def delivered(error, _):
    if error:
        raise KafkaException(error)


def report(**headers):
    stats = {"team": TEAM, "processed": processed, "redelivered": redelivered, "rejected": rejected}
    producer.produce(STATS, json.dumps(stats), cluster["client.id"], headers=headers, on_delivery=delivered)
    producer.poll(0)


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)

while going:
    for r in consumer.poll(1.0):
        if r.error():
            print(r.error(), flush=True)
            continue
        if not going:
            consumer.acknowledge(r, AcknowledgeType.RELEASE)  # somebody else gets it at once
            continue

        print(f"{r.topic()}:{r.partition()}:{r.offset()} delivery {r.delivery_count()} {r.value().decode()}", flush=True)
        job = json.loads(r.value())
        time.sleep(job["work_ms"] / 1000)
        consumer.acknowledge(r, AcknowledgeType.REJECT if job["poison"] else AcknowledgeType.ACCEPT)
        refused = [error for error in consumer.commit_sync().values() if error]
        if refused:
            print(f"too late, the lock had ended: {refused[0]}", flush=True)
        elif job["poison"]:
            rejected += 1
        else:
            processed += 1
            redelivered += r.delivery_count() > 1
        report()

report(leaving="true")
producer.flush()
consumer.close()  # releases what is not worked on, and leaves the group
