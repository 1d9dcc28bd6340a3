import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Worker {
    static final String GROUP = "crew-7";
    static final String TOPIC = "jobs";
    static final String TEAM = "team-7";
    static final String STATS = "team-7.stats";

    static final ObjectMapper json = new ObjectMapper();
    static final String clientId = GROUP + "-java-" + ProcessHandle.current().pid();
    static volatile boolean going = true;
    static int processed, redelivered, rejected;
    static String memberId = "";

    static Properties cluster() {
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

    // The consumer does not tell its member ID. The group does, and with it the board knows whose counts these are.
    static String findMemberId(Admin admin) throws Exception {
        for (var m : admin.describeShareGroups(List.of(GROUP)).all().get().get(GROUP).members()) {
            if (m.clientId().equals(clientId)) return m.consumerId();
        }
        return "";
    }

    static void report(Producer<String, String> producer, boolean leaving) throws Exception {
        var stats = json.createObjectNode().put("team", TEAM).put("processed", processed).put("redelivered", redelivered).put("rejected", rejected);
        var r = new ProducerRecord<>(STATS, clientId, stats.toString());
        r.headers().add("member_id", memberId.getBytes());
        if (leaving) r.headers().add("leaving", "true".getBytes());
        producer.send(r);
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        var settings = cluster();
        settings.put("group.id", GROUP);
        settings.put("share.acknowledgement.mode", "explicit"); // accept, release or reject each job by itself
        settings.put("share.acquire.mode", "record_limit"); // what this worker holds waits for it, and the lock ends after 15 s
        settings.put("max.poll.records", "4");
        var closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // on Ctrl+C
            going = false;
            try { closed.await(); } catch (InterruptedException e) { }
        }));

        try (var admin = Admin.create(cluster());
                var producer = new KafkaProducer<>(cluster(), new StringSerializer(), new StringSerializer());
                var consumer = new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) { // close leaves the group
            consumer.subscribe(List.of(TOPIC));
            while (going) {
                for (var r : consumer.poll(Duration.ofSeconds(1))) {
                    if (!going) {
                        consumer.acknowledge(r, AcknowledgeType.RELEASE); // somebody else gets it at once
                        continue;
                    }

                    var delivery = r.deliveryCount().orElse((short) 1);
                    System.out.printf("%s:%d:%d delivery %d %s%n", r.topic(), r.partition(), r.offset(), delivery, r.value());
                    var job = json.readTree(r.value());
                    var poison = job.get("poison").asBoolean();
                    Thread.sleep(job.get("work_ms").asInt());
                    consumer.acknowledge(r, poison ? AcknowledgeType.REJECT : AcknowledgeType.ACCEPT);
                    var refused = consumer.commitSync().values().stream().flatMap(e -> e.stream()).findFirst();
                    if (refused.isPresent()) {
                        System.out.println("too late, the lock had ended: " + refused.get().getMessage());
                    } else if (poison) {
                        rejected++;
                    } else {
                        processed++;
                        if (delivery > 1) redelivered++;
                    }
                    if (memberId.isEmpty()) memberId = findMemberId(admin);
                    report(producer, false);
                }
            }
            report(producer, true);
        } finally {
            closed.countDown();
        }
    }
}
