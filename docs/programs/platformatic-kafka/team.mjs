// npm install @platformatic/kafka
import fs from "node:fs";
import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";

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

const cluster = {
  clientId: `${GROUP}-platformatic-${process.pid}`,
  bootstrapBrokers: process.env.KAFKA_BROKERS.split(","),
  // guide: login
  sasl: { mechanism: "SCRAM-SHA-256", username: process.env.KAFKA_USERNAME, password: process.env.KAFKA_PASSWORD },
  // guide: ca
  tls: { ca: [fs.readFileSync(process.env.KAFKA_CA)] },
  // guide: end
  // guide: public tls: {},
};
const consumer = new Consumer({ ...cluster, groupId: GROUP, deserializers: stringDeserializers, sessionTimeout: 10000, heartbeatInterval: 1000 });
// guide: actions
const producer = new Producer({ ...cluster, serializers: stringSerializers });
let processed = 0;
let flagged = 0;
// guide: end

const stream = await consumer.consume({
  topics: [TOPIC],
  mode: "committed",
  fallbackMode: "earliest", // where the group has not committed yet
  autocommit: false,
});
const stop = () => stream.close();
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

for await (const m of stream) {
  console.log(`${m.topic}:${m.partition}:${m.offset} ${m.value}`);
  // guide: actions
  const user = JSON.parse(m.value);
  processed++;
  if (wanted(user)) {
    flagged++;
    const action = { customer: user.email, type: "CONTACT_CUSTOMER", reason: "VIP_USER", team: TEAM };
    const stats = { team: TEAM, processed, flagged };
    await producer.send({
      messages: [
        { topic: ACTIONS, key: user.email, value: JSON.stringify(action) },
        { topic: STATS, key: cluster.clientId, value: JSON.stringify(stats) },
      ],
    });
  }
  // guide: end
  try {
    await m.commit();
  } catch (e) {
    if (!e.findBy?.("needsRejoin", true)) throw e;
    console.log("the partitions have moved: their next owner reads the last records again");
  }
}
await consumer.close(); // leaves the group
// guide: actions
await producer.close();
// guide: end
