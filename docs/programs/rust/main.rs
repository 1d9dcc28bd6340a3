use std::env::var;
use std::error::Error;

use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::{ClientConfig, Message};
// guide: actions
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use serde_json::{json, Value};
// guide: end

const GROUP: &str = "team-7";
const TOPIC: &str = "new_users";
// guide: actions
const TEAM: &str = "team-7";
const ACTIONS: &str = "team-7.actions";
const STATS: &str = "team-7.stats";

fn wanted(user: &Value) -> bool {
    user["premium"] == true && user["credit"].as_i64() > Some(10)
}
// guide: end

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client_id = format!("{GROUP}-rust-{}", std::process::id());
    let mut cluster = ClientConfig::new();
    cluster
        .set("bootstrap.servers", var("KAFKA_BROKERS")?)
        // guide: login
        .set("security.protocol", "SASL_SSL")
        .set("sasl.mechanism", "SCRAM-SHA-256")
        .set("sasl.username", var("KAFKA_USERNAME")?)
        .set("sasl.password", var("KAFKA_PASSWORD")?)
        // guide: ca
        .set("ssl.ca.location", var("KAFKA_CA")?)
        // guide: end
        .set("client.id", &client_id);
    let consumer: StreamConsumer = cluster
        .clone()
        .set("group.id", GROUP)
        .set("auto.offset.reset", "earliest") // where the group has not committed yet
        .set("enable.auto.offset.store", "false") // commits only what store_offset has named
        .set("session.timeout.ms", "10000")
        .set("heartbeat.interval.ms", "1000")
        .create()?;
    consumer.subscribe(&[TOPIC])?;
    // guide: actions
    let producer: FutureProducer = cluster.clone().set("linger.ms", "0").create()?;
    let (mut processed, mut flagged) = (0, 0);
    // guide: end

    loop {
        let record = tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()), // dropping the consumer commits, and leaves the group
            record = consumer.recv() => record,
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                println!("{error}"); // the library connects again by itself
                continue;
            }
        };
        let value = record.payload().unwrap_or_default();
        println!("{}:{}:{} {}", record.topic(), record.partition(), record.offset(), String::from_utf8_lossy(value));
        // guide: actions
        let user: Value = serde_json::from_slice(value)?;
        processed += 1;
        if wanted(&user) {
            flagged += 1;
            let email = user["email"].as_str().unwrap_or_default();
            let action = json!({"customer": email, "type": "CONTACT_CUSTOMER", "reason": "VIP_USER", "team": TEAM}).to_string();
            let stats = json!({"team": TEAM, "processed": processed, "flagged": flagged}).to_string();
            for (topic, key, value) in [(ACTIONS, email, &action), (STATS, client_id.as_str(), &stats)] {
                let sent = producer.send(FutureRecord::to(topic).key(key).payload(value), Timeout::Never).await;
                sent.map_err(|(error, _)| error)?; // and nothing is committed
            }
        }
        // guide: end
        if consumer.store_offset_from_message(&record).is_err() {
            println!("the partition has moved: its next owner reads the record again");
        }
    }
}
