import java.nio.file.Path;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Kafka Streams by its own group protocol (KIP-1071) against rdkafka-broker: two processes count words exactly once, one is
 * killed, the other takes over. {@code StreamsGroups BROKERS PREFIX FOLDER}; with {@code other} behind, the second process.
 */
public final class StreamsGroups {
    static final int LINES = 2000;
    static final Map<String, Object> PROTOCOL =
        Map.of("group.protocol", "streams", "num.stream.threads", 1, "producer.transaction.timeout.ms", 8000);

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 3) {
            WordCount.start(arguments, "other", PROTOCOL);
            Thread.sleep(300_000);
            System.exit(1);
        }
        var brokers = arguments[0];
        var group = arguments[1] + "-wordcount";
        var input = arguments[1] + "-lines";
        var output = arguments[1] + "-counts";
        try (var admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            admin.createTopics(List.of(new NewTopic(input, 2, (short) 1), new NewTopic(output, 2, (short) 1))).all().get();
            configure(admin, group, Map.of("streams.session.timeout.ms", "8000", "streams.heartbeat.interval.ms", "500",
                "streams.initial.rebalance.delay.ms", "500", "streams.num.standby.replicas", "1"));
            var other = new ProcessBuilder(command(arguments)).inheritIO().start();
            try {
                var own = WordCount.start(arguments, "own", PROTOCOL);
                WordCount.write(brokers, input, 0, LINES / 2);
                WordCount.await(brokers, output, LINES / 2);
                check("two processes divide the tasks, with standby tasks of each other",
                    admin, group, it -> it.groupState() == GroupState.STABLE
                        && tasks(it, 0).equals(List.of("0:0", "0:1", "1:0", "1:1")) && tasks(it, 1).equals(List.of("1:0", "1:1"))
                        && it.members().stream().allMatch(member -> member.assignment().activeTasks().size() > 0));
                other.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
                WordCount.write(brokers, input, LINES / 2, LINES);
                WordCount.await(brokers, output, LINES);
                check("one takes over from one that is killed", admin, group, it -> it.groupState() == GroupState.STABLE
                    && it.members().size() == 1 && tasks(it, 0).size() == 4 && tasks(it, 1).isEmpty());
                WordCount.checkOrder(brokers, output);
                System.out.println("ok - Kafka Streams by its own protocol: no count is written twice or goes back");
                finish(admin, group, own);
            } finally {
                other.destroyForcibly();
            }
        }
        System.exit(0);
    }

    /** This program once more, as another process. */
    static List<String> command(String[] arguments) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp",
            System.getProperty("java.class.path"), "StreamsGroups"));
        command.addAll(List.of(arguments));
        command.add("other");
        return command;
    }

    static void configure(Admin admin, String group, Map<String, String> settings) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var changes = settings.entrySet().stream()
            .map(it -> new AlterConfigOp(new ConfigEntry(it.getKey(), it.getValue()), AlterConfigOp.OpType.SET)).toList();
        admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
    }

    /** The tasks of all members, active ones (0) or on standby (1). */
    static List<String> tasks(StreamsGroupDescription group, int kind) {
        return group.members().stream().map(StreamsGroupMemberDescription::assignment)
            .flatMap(it -> (kind == 0 ? it.activeTasks() : it.standbyTasks()).stream())
            .flatMap(it -> it.partitions().stream().map(partition -> it.subtopologyId() + ":" + partition)).sorted().toList();
    }

    static void check(String what, Admin admin, String group, Predicate<StreamsGroupDescription> holds) throws Exception {
        StreamsGroupDescription seen = null;
        for (int tries = 0; tries < 300; tries++) {
            seen = admin.describeStreamsGroups(List.of(group)).all().get().get(group);
            if (holds.test(seen)) {
                System.out.println("ok - Kafka Streams by its own protocol: " + what);
                return;
            }
            Thread.sleep(200);
        }
        System.out.println("not ok - Kafka Streams by its own protocol: " + what + ": " + seen);
        System.exit(1);
    }

    /** The group is listed as what it is, leaves with its last member, and can be deleted. */
    static void finish(Admin admin, String group, KafkaStreams own) throws Exception {
        var listed = admin.listGroups(ListGroupsOptions.forStreamsGroups()).all().get().stream()
            .filter(it -> it.groupId().equals(group)).toList();
        own.close(Duration.ofSeconds(30));
        check("a member that closes leaves", admin, group, it -> it.groupState() == GroupState.EMPTY && it.members().isEmpty());
        var offsets = admin.listStreamsGroupOffsets(Map.of(group, new ListStreamsGroupOffsetsSpec())).partitionsToOffsetAndMetadata(group)
            .get();
        admin.deleteStreamsGroups(List.of(group)).all().get();
        var left = admin.listGroups().all().get().stream().anyMatch(it -> it.groupId().equals(group));
        var isRight = listed.size() == 1 && listed.get(0).type().equals(Optional.of(GroupType.STREAMS)) && offsets.size() == 4 && !left;
        System.out.println((isRight ? "ok" : "not ok") + " - Kafka Streams by its own protocol: the group is listed and deleted"
            + (isRight ? "" : ": " + listed + " " + offsets + " " + left));
        System.exit(isRight ? 0 : 1);
    }
}
