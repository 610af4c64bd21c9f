import java.time.Duration;
import java.util.*;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;

/**
 * Kafka Streams counts words exactly once against rdkafka-broker, is restarted half way, and goes on from its
 * changelog: {@code WordCount BROKERS PREFIX FOLDER}.
 */
public final class WordCount {
    static final int LINES = 2000;
    static final String[] WORDS = {"topic", "partition", "offset", "broker", "record"};

    public static void main(String[] arguments) throws Exception {
        var brokers = arguments[0];
        var prefix = arguments[1];
        var input = prefix + "-lines";
        var output = prefix + "-counts";
        try (var admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            admin.createTopics(List.of(new NewTopic(input, 2, (short) 1), new NewTopic(output, 2, (short) 1))).all().get();
        }
        var first = start(arguments, "first", Map.of("num.stream.threads", 2));
        write(brokers, input, 0, LINES / 2);
        await(brokers, output, LINES / 2);
        first.close(Duration.ofSeconds(30));
        System.out.println("ok - Kafka Streams: counts words exactly once");
        // another folder: its state comes back from the changelog topic alone
        var second = start(arguments, "second", Map.of("num.stream.threads", 2));
        write(brokers, input, LINES / 2, LINES);
        await(brokers, output, LINES);
        second.close(Duration.ofSeconds(30));
        System.out.println("ok - Kafka Streams: goes on after a restart from its changelog");
        checkOrder(brokers, output);
        System.out.println("ok - Kafka Streams: no count is written twice or goes back");
        System.exit(0);
    }

    /** Counts only ever grow. */
    static void checkOrder(String brokers, String output) {
        var outputs = new TreeMap<String, List<Long>>();
        read(brokers, output, outputs);
        for (var word : WORDS) {
            var counts = outputs.get(word);
            for (int n = 1; n < counts.size(); n++) {
                if (counts.get(n) <= counts.get(n - 1)) {
                    System.out.println("not ok - Kafka Streams: a count went back: " + word + " " + counts);
                    System.exit(1);
                }
            }
        }
    }

    static KafkaStreams start(String[] arguments, String folder, Map<String, Object> more) throws Exception {
        var builder = new StreamsBuilder();
        builder.<String, String>stream(arguments[1] + "-lines")
            .flatMapValues(line -> List.of(line.split(" ")))
            .groupBy((key, word) -> word)
            .count(Materialized.as("counts"))
            .toStream()
            .to(arguments[1] + "-counts", Produced.with(Serdes.String(), Serdes.Long()));
        var settings = new Properties();
        settings.putAll(Map.of("application.id", arguments[1] + "-wordcount", "bootstrap.servers", arguments[0],
            "processing.guarantee", "exactly_once_v2", "commit.interval.ms", 100,
            "state.dir", arguments[2] + "/" + folder, "default.key.serde", Serdes.String().getClass(),
            "default.value.serde", Serdes.String().getClass(), "auto.offset.reset", "earliest"));
        settings.putAll(more);
        var streams = new KafkaStreams(builder.build(), settings);
        var running = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
        streams.setUncaughtExceptionHandler(error -> {
            System.out.println("not ok - Kafka Streams: " + error);
            error.printStackTrace();
            System.exit(1);
            return null;
        });
        streams.start();
        if (!running.await(90, TimeUnit.SECONDS)) {
            System.out.println("not ok - Kafka Streams: does not run, it is " + streams.state());
            System.exit(1);
        }
        return streams;
    }

    static void write(String brokers, String topic, int from, int to) {
        try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", brokers, "linger.ms", 5),
            new StringSerializer(), new StringSerializer())) {
            for (int n = from; n < to; n++) {
                producer.send(new ProducerRecord<>(topic, "" + n, String.join(" ", WORDS)));
            }
        }
    }

    /** Waits until the newest count of every word is the one expected: not less, and never more. */
    static void await(String brokers, String topic, long expected) throws Exception {
        var counts = new TreeMap<String, List<Long>>();
        for (int tries = 0; tries < 90; tries++) {
            counts.clear();
            read(brokers, topic, counts);
            if (counts.size() == WORDS.length
                && counts.values().stream().allMatch(all -> all.get(all.size() - 1) == expected)) {
                return;
            }
        }
        counts.replaceAll((word, all) -> all.subList(Math.max(0, all.size() - 3), all.size()));
        System.out.println("not ok - Kafka Streams: expected " + expected + " of each word, got " + counts);
        System.exit(1);
    }

    static void read(String brokers, String topic, Map<String, List<Long>> counts) {
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", brokers,
            "isolation.level", "read_committed", "auto.offset.reset", "earliest"),
            new StringDeserializer(), new LongDeserializer())) {
            var partitions = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
            consumer.assign(partitions);
            var ends = consumer.endOffsets(partitions);
            for (int tries = 0; tries < 100; tries++) {
                consumer.poll(Duration.ofMillis(100))
                    .forEach(record -> counts.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value()));
                if (partitions.stream().allMatch(partition -> consumer.position(partition) >= ends.get(partition))) {
                    return;
                }
            }
        }
    }
}
