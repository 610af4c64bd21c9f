import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.*;

/** Apache Kafka's Java client against rdkafka-broker: {@code Clients BROKERS PREFIX}. */
public final class Clients {
    interface Check {
        void run() throws Exception;
    }

    static String brokers;
    static String prefix;
    static int failures;
    static Admin admin;

    static void check(String what, Check check) {
        try {
            check.run();
            System.out.println("ok - Java client: " + what);
        } catch (Throwable error) {
            failures++;
            System.out.println("not ok - Java client: " + what);
            var text = new java.io.StringWriter();
            error.printStackTrace(new java.io.PrintWriter(text));
            text.toString().lines().limit(30).forEach(line -> System.out.println("# " + line));
        }
        System.out.flush();
    }

    static void same(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError("expected " + expected + ", got " + actual);
        }
    }

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        for (var end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; Thread.sleep(50)) {
            if (condition.getAsBoolean()) {
                return;
            }
        }
        throw new AssertionError("not within a minute: " + what);
    }

    static String name(String what) {
        return prefix + "-" + what;
    }

    static String create(String what, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name(what), partitions, (short) 1))).all().get();
        return name(what);
    }

    static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of("bootstrap.servers", brokers, "linger.ms", 5));
        all.putAll(settings);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of("bootstrap.servers", brokers, "auto.offset.reset", "earliest",
            "enable.auto.commit", false));
        all.putAll(settings);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    static void produce(String topic, int count, int partitions, Map<String, Object> settings) throws Exception {
        try (var producer = producer(settings)) {
            var sent = new ArrayList<java.util.concurrent.Future<RecordMetadata>>();
            for (int n = 0; n < count; n++) {
                var record = new ProducerRecord<>(topic, n % partitions, 1_700_000_000_000L + n, "k" + n, "value " + n);
                record.headers().add("n", ("" + n).getBytes());
                sent.add(producer.send(record));
            }
            for (var one : sent) {
                one.get();
            }
        }
    }

    /** Partition 0 from its start: so many records and what comes within a moment after them. */
    static List<ConsumerRecord<String, String>> read(String topic, int count, Map<String, Object> settings) {
        var got = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = consumer(settings)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            for (int tries = 0; got.size() < count && tries < 200; tries++) {
                consumer.poll(Duration.ofMillis(100)).forEach(got::add);
            }
            consumer.poll(Duration.ofMillis(300)).forEach(got::add);
        }
        return got;
    }

    static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    static void topics() throws Exception {
        create("a", 1);
        create("b", 3);
        same(3, admin.describeTopics(List.of(name("b"))).allTopicNames().get().get(name("b")).partitions().size());
        admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(2))).all().get();
        same(2, admin.describeTopics(List.of(name("a"))).allTopicNames().get().get(name("a")).partitions().size());
        admin.deleteTopics(List.of(name("a"))).all().get();
        var listed = admin.listTopics().names().get();
        same(List.of(false, true), List.of(listed.contains(name("a")), listed.contains(name("b"))));
    }

    static void compressions() throws Exception {
        for (var codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            var topic = create("codec-" + codec, 1);
            produce(topic, 300, 1, Map.of("compression.type", codec));
            var got = read(topic, 300, Map.of());
            same(IntStream.range(0, 300).mapToObj(n -> "value " + n).toList(), values(got));
            var last = got.get(299);
            same("299", new String(last.headers().lastHeader("n").value()));
            same(1_700_000_000_299L, last.timestamp());
        }
    }

    /** A member of a group in its own thread. */
    static final class Member extends Thread {
        final KafkaConsumer<String, String> consumer;
        final String topic;
        final Set<String> seen;
        volatile int owned;
        volatile boolean ends;

        Member(String topic, Set<String> seen, Map<String, Object> settings) {
            this.topic = topic;
            this.seen = seen;
            consumer = consumer(settings);
            start();
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(List.of(topic));
                while (!ends) {
                    var records = consumer.poll(Duration.ofMillis(100));
                    owned = consumer.assignment().size();
                    records.forEach(record -> seen.add(record.value()));
                    if (!records.isEmpty()) {
                        consumer.commitSync();
                    }
                }
            }
        }

        void leave() throws InterruptedException {
            ends = true;
            join();
        }
    }

    static void group(String kind, Map<String, Object> settings) throws Exception {
        var topic = create("group-" + kind, 4);
        var id = name("g-" + kind);
        var all = new HashMap<>(settings);
        all.put("group.id", id);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        var first = new Member(topic, seen, all);
        var second = new Member(topic, seen, all);
        try {
            until("two members share four partitions", () -> first.owned == 2 && second.owned == 2);
            var described = admin.describeConsumerGroups(List.of(id)).all().get().get(id);
            same(2, described.members().size());
            same(kind.startsWith("consumer") ? "Consumer" : "Classic", described.type().toString());
            produce(topic, 100, 4, Map.of());
            until("every record is read", () -> seen.size() == 100);
            second.leave();
            until("the one that stays takes over", () -> first.owned == 4);
        } finally {
            first.leave();
            second.leave();
        }
        var committed = admin.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata().get();
        same(100L, committed.values().stream().mapToLong(OffsetAndMetadata::offset).sum());
        same(true, admin.listGroups().all().get().stream().anyMatch(listed -> listed.groupId().equals(id)));
        var partition = new TopicPartition(topic, 0);
        admin.alterConsumerGroupOffsets(id, Map.of(partition, new OffsetAndMetadata(3))).all().get();
        same(3L, admin.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata().get().get(partition).offset());
        admin.deleteConsumerGroupOffsets(id, Set.of(partition)).all().get();
        admin.deleteConsumerGroups(List.of(id)).all().get();
    }

    static void offsetsByTime() throws Exception {
        var topic = create("times", 1);
        produce(topic, 100, 1, Map.of());
        var partition = new TopicPartition(topic, 0);
        try (var consumer = consumer(Map.of())) {
            same(40L, consumer.offsetsForTimes(Map.of(partition, 1_700_000_000_040L)).get(partition).offset());
            same(0L, consumer.beginningOffsets(List.of(partition)).get(partition));
            same(100L, consumer.endOffsets(List.of(partition)).get(partition));
        }
        var specs = Map.of(0L, OffsetSpec.earliest(), 100L, OffsetSpec.latest(), 99L, OffsetSpec.maxTimestamp(),
            7L, OffsetSpec.forTimestamp(1_700_000_000_007L));
        for (var spec : specs.entrySet()) {
            same(spec.getKey(), admin.listOffsets(Map.of(partition, spec.getValue())).all().get().get(partition).offset());
        }
    }

    static void transactions() throws Exception {
        var source = create("source", 1);
        var target = create("target", 1);
        var id = name("transactional");
        produce(source, 6, 1, Map.of());
        var partition = new TopicPartition(source, 0);
        var settings = Map.<String, Object>of("transactional.id", name("tx"));
        try (var producer = producer(settings); var consumer = consumer(Map.of("group.id", id, "max.poll.records", 2))) {
            producer.initTransactions();
            consumer.subscribe(List.of(source));
            for (int moved = 0; moved < 6;) {
                var records = consumer.poll(Duration.ofSeconds(20));
                if (records.isEmpty()) {
                    throw new AssertionError("nothing to move");
                }
                for (boolean aborts : new boolean[] {true, false}) {
                    producer.beginTransaction();
                    records.forEach(record -> producer.send(new ProducerRecord<>(target, record.value())));
                    producer.sendOffsetsToTransaction(Map.of(partition,
                        new OffsetAndMetadata(moved + records.count())), consumer.groupMetadata());
                    if (aborts) {
                        producer.flush();
                        producer.abortTransaction();
                    } else {
                        producer.commitTransaction();
                    }
                }
                moved += records.count();
            }
            same(6L, consumer.committed(Set.of(partition)).get(partition).offset());
            same(6, read(target, 6, Map.of("isolation.level", "read_committed")).size());
            same(12, read(target, 12, Map.of()).size());
            // KIP-890: with transactions v2 the epoch rises with each transaction
            var described = admin.describeTransactions(List.of(name("tx"))).all().get().get(name("tx"));
            same(true, described.producerEpoch() >= 5);
            same(true, admin.listTransactions().all().get().stream()
                .anyMatch(listed -> listed.transactionalId().equals(name("tx"))));
            try (var next = producer(settings)) {
                next.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(target, "zombie"));
                producer.commitTransaction();
                throw new AssertionError("the older producer was not fenced");
            } catch (ProducerFencedException | org.apache.kafka.common.errors.InvalidProducerEpochException expected) {
                // what Kafka answers
            }
        }
    }

    static void openTransactionIsEndedByAdmin() throws Exception {
        var topic = create("hanging", 1);
        var partition = new TopicPartition(topic, 0);
        try (var producer = producer(Map.of("transactional.id", name("hanging")))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "open")).get();
            same(0, read(topic, 1, Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest")).size());
            var state = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers().get(0);
            same(0L, state.currentTransactionStartOffset().orElse(-1));
            admin.fenceProducers(List.of(name("hanging"))).all().get();
        }
        until("the transaction is over", () -> {
            try {
                return admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers().stream()
                    .allMatch(one -> one.currentTransactionStartOffset().isEmpty());
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
        });
    }

    static void configs() throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, create("configs", 1));
        admin.incrementalAlterConfigs(Map.of(topic,
            List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "12345"), AlterConfigOp.OpType.SET),
                new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND)))).all().get();
        var config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        same("12345", config.get("retention.ms").value());
        same("delete,compact", config.get("cleanup.policy").value());
        same(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, config.get("retention.ms").source());
        admin.incrementalAlterConfigs(Map.of(topic, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", null), AlterConfigOp.OpType.DELETE)))).all().get();
        same("604800000", admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value());
        var node = admin.describeCluster().nodes().get().iterator().next();
        var broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
        same(true, admin.describeConfigs(List.of(broker)).all().get().get(broker).get("log.retention.hours") != null);
    }

    static void deleteRecords() throws Exception {
        var topic = create("delete-records", 1);
        produce(topic, 20, 1, Map.of());
        var partition = new TopicPartition(topic, 0);
        same(15L, admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(15))).all()
            .thenApply(all -> 15L).get());
        same(List.of(15L, 16L, 17L, 18L, 19L),
            read(topic, 5, Map.of()).stream().map(ConsumerRecord::offset).toList());
    }

    static void describe() throws Exception {
        same(1, admin.describeCluster().nodes().get().size());
        same(true, admin.describeFeatures().featureMetadata().get().finalizedFeatures().containsKey("transaction.version"));
        same(1, admin.describeMetadataQuorum().quorumInfo().get().voters().size());
        same(1, admin.describeLogDirs(List.of(admin.describeCluster().controller().get().id())).allDescriptions().get().size());
        same(0, admin.listPartitionReassignments().reassignments().get().size());
        admin.electLeaders(org.apache.kafka.common.ElectionType.PREFERRED, null).all().get();
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(name("user"),
            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all().get();
        same(1, admin.describeUserScramCredentials(List.of(name("user"))).description(name("user")).get()
            .credentialInfos().size());
    }

    public static void main(String[] arguments) {
        brokers = arguments[0];
        prefix = arguments[1];
        admin = Admin.create(Map.of("bootstrap.servers", brokers));
        check("creates, lists, grows and deletes topics", Clients::topics);
        check("produces idempotently and consumes with every compression", Clients::compressions);
        check("a group of two rebalances (classic, eager)", () -> group("classic-eager",
            Map.of("partition.assignment.strategy", RangeAssignor.class.getName())));
        check("a group of two rebalances (classic, cooperative)", () -> group("classic-cooperative",
            Map.of("partition.assignment.strategy", CooperativeStickyAssignor.class.getName())));
        check("a group of two rebalances (KIP-848, uniform)", () -> group("consumer-uniform",
            Map.of("group.protocol", "consumer", "group.remote.assignor", "uniform")));
        check("a group of two rebalances (KIP-848, range)", () -> group("consumer-range",
            Map.of("group.protocol", "consumer", "group.remote.assignor", "range")));
        check("offsets by time", Clients::offsetsByTime);
        check("transactions commit, abort and fence, with a group's offsets (v2)", Clients::transactions);
        check("an open transaction is described and ended by an admin", Clients::openTransactionIsEndedByAdmin);
        check("describes and alters configs", Clients::configs);
        check("deletes records", Clients::deleteRecords);
        check("describes cluster, features, quorum, folders and users", Clients::describe);
        admin.close();
        System.exit(failures > 0 ? 1 : 0);
    }
}
