// npm install kafkajs
const fs = require("fs");
const { Kafka, Partitioners, logLevel } = require("kafkajs");

const GROUP = "team-7";
const TOPIC = "new_users";
// guide: actions
const TEAM = "team-7";
const ACTIONS = "team-7.actions";
const STATS = "team-7.stats";

function wanted(user) {
  return user.premium && user.credit > 10;
}
// guide: end

const clientId = `${GROUP}-kafkajs-${process.pid}`;
const kafka = new Kafka({
  clientId,
  brokers: process.env.KAFKA_BROKERS.split(","),
  logLevel: logLevel.ERROR,
  // guide: login
  sasl: { mechanism: "scram-sha-256", username: process.env.KAFKA_USERNAME, password: process.env.KAFKA_PASSWORD },
  // guide: ca
  ssl: { ca: [fs.readFileSync(process.env.KAFKA_CA)] },
  // guide: end
  // guide: public ssl: true,
});
const consumer = kafka.consumer({ groupId: GROUP, sessionTimeout: 10000, heartbeatInterval: 1000 });
// guide: actions
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
let processed = 0;
let flagged = 0;
// guide: end

async function eachBatch({ batch, commitOffsetsIfNecessary }) {
  // guide: actions
  const actions = [];
  // guide: end
  for (const m of batch.messages) {
    console.log(`${batch.topic}:${batch.partition}:${m.offset} ${m.value}`);
    // guide: actions
    const user = JSON.parse(m.value);
    processed++;
    if (wanted(user)) {
      flagged++;
      const action = { customer: user.email, type: "CONTACT_CUSTOMER", reason: "VIP_USER", team: TEAM };
      actions.push({ key: user.email, value: JSON.stringify(action) });
    }
  }
  if (actions.length > 0) {
    const stats = { key: clientId, value: JSON.stringify({ team: TEAM, processed, flagged }) };
    await producer.sendBatch({ topicMessages: [{ topic: ACTIONS, messages: actions }, { topic: STATS, messages: [stats] }] });
    // guide: end
  }
  const offset = String(BigInt(batch.lastOffset()) + 1n); // the next to read
  const partitions = [{ partition: batch.partition, offset }];
  await commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions }] }); // after a refusal, it joins the group again
}

async function main() {
  // guide: actions
  await producer.connect();
  // guide: end
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true }); // where the group has not committed yet
  await consumer.run({ autoCommit: false, eachBatch });
}

async function stop() {
  await consumer.disconnect(); // after the batch in hand; leaves the group
  // guide: actions
  await producer.disconnect();
  // guide: end
  process.exit(0);
}

process.once("SIGINT", stop);
process.once("SIGTERM", stop);
main();
