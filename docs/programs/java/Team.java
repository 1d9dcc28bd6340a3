import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Team {
    static final String GROUP = "team-7";
    static final String TOPIC = "new_users";
    // guide: actions
    static final String TEAM = "team-7";
    static final String ACTIONS = "team-7.actions";
    static final String STATS = "team-7.stats";

    static boolean wanted(JsonNode user) {
        return user.get("premium").asBoolean() && user.get("credit").asInt() > 10;
    }
    // guide: end

    static Properties cluster(String clientId) {
        var p = new Properties();
        p.put("bootstrap.servers", System.getenv("KAFKA_BROKERS"));
        p.put("client.id", clientId);
        // guide: login
        p.put("security.protocol", "SASL_SSL");
        p.put("sasl.mechanism", "SCRAM-SHA-256");
        p.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(System.getenv("KAFKA_USERNAME"), System.getenv("KAFKA_PASSWORD")));
        // guide: ca
        p.put("ssl.truststore.type", "PEM");
        p.put("ssl.truststore.location", System.getenv("KAFKA_CA"));
        // guide: end
        return p;
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        var clientId = GROUP + "-java-" + ProcessHandle.current().pid();
        var settings = cluster(clientId);
        settings.put("group.id", GROUP);
        settings.put("auto.offset.reset", "earliest"); // where the group has not committed yet
        settings.put("enable.auto.commit", "false");
        settings.put("session.timeout.ms", "10000");
        settings.put("heartbeat.interval.ms", "1000");
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        // guide: actions
        var producer = new KafkaProducer<>(cluster(clientId), new StringSerializer(), new StringSerializer());
        var json = new ObjectMapper();
        int processed = 0, flagged = 0;
        // guide: end

        var closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // on Ctrl+C
            consumer.wakeup();
            try { closed.await(); } catch (InterruptedException e) { }
        }));
        try (consumer) { // close leaves the group
            consumer.subscribe(List.of(TOPIC));
            while (true) {
                // guide: actions
                var sent = new ArrayList<Future<RecordMetadata>>();
                // guide: end
                for (var r : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.printf("%s:%d:%d %s%n", r.topic(), r.partition(), r.offset(), r.value());
                    // guide: actions
                    var user = json.readTree(r.value());
                    var email = user.get("email").asText();
                    processed++;
                    if (wanted(user)) {
                        flagged++;
                        var action = json.createObjectNode().put("customer", email).put("type", "CONTACT_CUSTOMER").put("reason", "VIP_USER").put("team", TEAM);
                        sent.add(producer.send(new ProducerRecord<>(ACTIONS, email, action.toString())));
                    }
                }
                if (!sent.isEmpty()) {
                    var stats = json.createObjectNode().put("team", TEAM).put("processed", processed).put("flagged", flagged);
                    sent.add(producer.send(new ProducerRecord<>(STATS, clientId, stats.toString())));
                }
                for (var s : sent) {
                    s.get(); // fails if Kafka did not store it, and then nothing is committed
                    // guide: end
                }
                try {
                    consumer.commitSync();
                } catch (CommitFailedException | RebalanceInProgressException e) {
                    System.out.println("the partitions have moved: their next owner reads the last records again");
                }
            }
        } catch (WakeupException e) {
            // Ctrl+C
        } finally {
            closed.countDown();
        }
    }
}
