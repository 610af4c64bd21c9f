import java.time.Duration;
import java.util.*;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Share groups (KIP-932) by Apache Kafka's Java client against rdkafka-broker: {@code ShareGroups BROKERS PREFIX}. */
public final class ShareGroups {
    static KafkaShareConsumer<String, String> consumer(String group, Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of("bootstrap.servers", Clients.brokers, "group.id", group,
            "share.acknowledgement.mode", "explicit"));
        all.putAll(settings);
        return new KafkaShareConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    static String group(String what) throws Exception {
        var group = Clients.name(what);
        var earliest = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Clients.admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest))).all().get();
        return group;
    }

    /** Polls until so many records have come, and says the same of each of them. */
    static List<ConsumerRecord<String, String>> take(KafkaShareConsumer<String, String> consumer, int count,
            AcknowledgeType type) {
        var got = new ArrayList<ConsumerRecord<String, String>>();
        for (int tries = 0; got.size() < count && tries < 300; tries++) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                got.add(record);
                consumer.acknowledge(record, type);
            }
            commit(consumer);
        }
        return got;
    }

    static void commit(KafkaShareConsumer<String, String> consumer) {
        consumer.commitSync().forEach((partition, error) -> {
            if (error.isPresent()) {
                throw new AssertionError(partition.toString(), error.get());
            }
        });
    }

    static List<String> sorted(List<ConsumerRecord<String, String>> records) {
        return Clients.values(records).stream().sorted().toList();
    }

    static List<String> expected(int count) {
        return IntStream.range(0, count).mapToObj(n -> "value " + n).sorted().toList();
    }

    static Optional<SharePartitionOffsetInfo> progress(String group, String topic) throws Exception {
        var spec = Map.of(group, new ListShareGroupOffsetsSpec());
        var offsets = Clients.admin.listShareGroupOffsets(spec).partitionsToOffsetInfo(group).get();
        return Optional.ofNullable(offsets.get(new TopicPartition(topic, 0)));
    }

    static void sameLag(long expected, String group, String topic) throws Exception {
        Clients.same(Optional.of(expected), progress(group, topic).flatMap(SharePartitionOffsetInfo::lag));
    }

    static void shares() throws Exception {
        var topic = Clients.create("share", 1);
        var group = group("share-g");
        Clients.produce(topic, 100, 1, Map.of());
        try (var one = consumer(group, Map.of("max.poll.records", 10));
                var two = consumer(group, Map.of("max.poll.records", 10))) {
            one.subscribe(List.of(topic));
            two.subscribe(List.of(topic));
            var got = new ArrayList<ConsumerRecord<String, String>>();
            for (int tries = 0; got.size() < 100 && tries < 300; tries++) {
                for (var consumer : List.of(one, two)) {
                    for (var record : consumer.poll(Duration.ofMillis(200))) {
                        got.add(record);
                        consumer.acknowledge(record);
                    }
                    commit(consumer);
                }
            }
            Clients.same(expected(100), sorted(got));
            sameLag(0, group, topic);
            var described = Clients.admin.describeShareGroups(List.of(group)).all().get().get(group);
            Clients.same(GroupState.STABLE, described.groupState());
            Clients.same(2, described.members().size());
        }
    }

    static void fates() throws Exception {
        var topic = Clients.create("fates", 1);
        var group = group("fates-g");
        Clients.produce(topic, 6, 1, Map.of());
        try (var consumer = consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            var first = take(consumer, 6, AcknowledgeType.RELEASE);
            Clients.same(Optional.of((short) 1), first.get(0).deliveryCount());
            Clients.same(expected(6), sorted(first));
            var again = new ArrayList<ConsumerRecord<String, String>>();
            for (int tries = 0; again.size() < 6 && tries < 300; tries++) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    again.add(record);
                    consumer.acknowledge(record, record.offset() % 2 == 0 ? AcknowledgeType.ACCEPT : AcknowledgeType.REJECT);
                }
                commit(consumer);
            }
            Clients.same(Optional.of((short) 2), again.get(0).deliveryCount());
            Clients.same(expected(6), sorted(again));
            sameLag(0, group, topic);
        }
    }

    static void limit() throws Exception {
        var topic = Clients.create("limit", 1);
        var group = group("limit-g");
        Clients.produce(topic, 20, 1, Map.of());
        var exact = Map.<String, Object>of("share.acquire.mode", "record_limit", "max.poll.records", 3);
        try (var consumer = consumer(group, exact)) {
            consumer.subscribe(List.of(topic));
            var got = 0;
            for (int tries = 0; got == 0 && tries < 300; tries++) {
                var records = consumer.poll(Duration.ofMillis(200));
                got = records.count();
                records.forEach(record -> consumer.acknowledge(record, AcknowledgeType.RENEW));
                commit(consumer);
            }
            Clients.same(3, got);
            // Renewed records come again with the next poll, to be said something final of.
            Clients.same(expected(20), sorted(take(consumer, 20, AcknowledgeType.ACCEPT)));
        }
    }

    static void implicit() throws Exception {
        var topic = Clients.create("implicit", 3);
        var group = group("implicit-g");
        Clients.produce(topic, 60, 3, Map.of("compression.type", "zstd"));
        var settings = Map.<String, Object>of("share.acknowledgement.mode", "implicit");
        var got = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = consumer(group, settings)) {
            consumer.subscribe(List.of(topic));
            for (int tries = 0; got.size() < 60 && tries < 300; tries++) {
                consumer.poll(Duration.ofMillis(200)).forEach(got::add);
            }
            commit(consumer);
        }
        Clients.same(expected(60), sorted(got));
        sameLag(0, group, topic);
    }

    /** What a consumer has when it closes is delivered to the next one. */
    static void closes() throws Exception {
        var topic = Clients.create("closes", 1);
        var group = group("closes-g");
        Clients.produce(topic, 5, 1, Map.of());
        try (var consumer = consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            var count = 0;
            for (int tries = 0; count == 0 && tries < 300; tries++) {
                count = consumer.poll(Duration.ofMillis(200)).count();
            }
            Clients.same(5, count);
        }
        try (var consumer = consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            var got = take(consumer, 5, AcknowledgeType.ACCEPT);
            Clients.same(expected(5), sorted(got));
            Clients.same(Optional.of((short) 2), got.get(0).deliveryCount());
        }
    }

    static void committed() throws Exception {
        var topic = Clients.create("committed", 1);
        var group = group("committed-g");
        var level = new AlterConfigOp(new ConfigEntry("share.isolation.level", "read_committed"), AlterConfigOp.OpType.SET);
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Clients.admin.incrementalAlterConfigs(Map.of(resource, List.of(level))).all().get();
        try (var producer = Clients.producer(Map.of("transactional.id", Clients.name("share-tx")))) {
            producer.initTransactions();
            for (var fate : List.of("aborted", "committed")) {
                producer.beginTransaction();
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, 0, "k", fate)).get();
                if (fate.equals("aborted")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        try (var consumer = consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            Clients.same(List.of("committed"), Clients.values(take(consumer, 1, AcknowledgeType.ACCEPT)));
        }
    }

    static void offsets() throws Exception {
        var topic = Clients.create("offsets", 1);
        var group = group("offsets-g");
        Clients.produce(topic, 10, 1, Map.of());
        var partition = new TopicPartition(topic, 0);
        Clients.admin.alterShareGroupOffsets(group, Map.of(partition, 7L)).all().get();
        Clients.same(7L, progress(group, topic).get().startOffset());
        try (var consumer = consumer(group, Map.of())) {
            consumer.subscribe(List.of(topic));
            Clients.same(3, take(consumer, 3, AcknowledgeType.ACCEPT).size());
        }
        Clients.until("the group is empty", () -> {
            try {
                var described = Clients.admin.describeShareGroups(List.of(group)).all().get().get(group);
                return described.groupState() == GroupState.EMPTY;
            } catch (Exception error) {
                throw new AssertionError(error);
            }
        });
        var listed = Clients.admin.listGroups(ListGroupsOptions.forShareGroups()).all().get();
        Clients.same(true, listed.stream().anyMatch(it -> it.groupId().equals(group) && it.type().get() == GroupType.SHARE));
        Clients.admin.deleteShareGroupOffsets(group, Set.of(topic)).all().get();
        Clients.same(Optional.empty(), progress(group, topic));
        Clients.admin.deleteShareGroups(List.of(group)).all().get();
        listed = Clients.admin.listGroups(ListGroupsOptions.forShareGroups()).all().get();
        Clients.same(false, listed.stream().anyMatch(it -> it.groupId().equals(group)));
    }

    public static void main(String[] arguments) {
        Clients.brokers = arguments[0];
        Clients.prefix = arguments[1];
        try (var admin = Admin.create(Map.of("bootstrap.servers", Clients.brokers))) {
            Clients.admin = admin;
            Clients.check("two share consumers divide a partition", ShareGroups::shares);
            Clients.check("records that are released come again, others do not", ShareGroups::fates);
            Clients.check("a limit of records is exact, and a lock is renewed", ShareGroups::limit);
            Clients.check("implicit acknowledgements over three partitions", ShareGroups::implicit);
            Clients.check("what a share consumer has when it closes is free", ShareGroups::closes);
            Clients.check("a share group reads committed records only", ShareGroups::committed);
            Clients.check("offsets of a share group are listed, altered and deleted, and the group is", ShareGroups::offsets);
        }
        System.exit(Clients.failures > 0 ? 1 : 0);
    }
}
