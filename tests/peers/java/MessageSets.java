import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes and reads records, one JSON object a line, by a Java client of old:
 *
 *   MessageSets write BROKERS TOPIC COMPRESSION RELEASE
 *   MessageSets read BROKERS TOPIC COUNT RELEASE
 *
 * RELEASE, that of the client on the class path, is 0.9 to 0.11. What 0.9 does not have (timestamps) is not touched there;
 * headers, which came with 0.11, are left out.
 */
public final class MessageSets {
    private static final Pattern FIELD = Pattern.compile("\"(key|value|timestamp)\":(?:\"([^\"]*)\"|(null|\\d+))");

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[1]);
        boolean timed = !arguments[4].startsWith("0.9");
        if (arguments[0].equals("write")) {
            write(settings, arguments[2], arguments[3], timed);
        } else {
            read(settings, arguments[2], Integer.parseInt(arguments[3]), timed);
        }
    }

    private static void write(Properties settings, String topic, String compression, boolean timed) throws Exception {
        settings.put("compression.type", compression);
        settings.put("linger.ms", "50");
        List<Future<?>> sent = new ArrayList<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                byte[] key = null;
                byte[] value = null;
                long timestamp = -1;
                Matcher fields = FIELD.matcher(line.split("\"headers\"", 2)[0].replace("\\", ""));
                while (fields.find()) {
                    if (fields.group(1).equals("timestamp")) {
                        timestamp = Long.parseLong(fields.group(3));
                    } else if (fields.group(2) != null) {
                        byte[] bytes = Base64.getDecoder().decode(fields.group(2));
                        if (fields.group(1).equals("key")) key = bytes;
                        else value = bytes;
                    }
                }
                sent.add(producer.send(timed
                        ? new ProducerRecord<>(topic, 0, timestamp, key, value)
                        : new ProducerRecord<>(topic, 0, key, value)));
            }
            for (Future<?> future : sent) future.get();
        }
    }

    private static void read(Properties settings, String topic, int count, boolean timed) throws Exception {
        settings.put("group.id", "message-sets");
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            // takes a list in 0.9, any collection later
            Arrays.stream(KafkaConsumer.class.getMethods()).filter(method -> method.getName().equals("assign"))
                    .findFirst().orElseThrow()
                    .invoke(consumer, Collections.singletonList(new TopicPartition(topic, 0)));
            long end = System.nanoTime() + 15_000_000_000L;
            while (count > 0 && System.nanoTime() < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(500)) {
                    System.out.println("{\"key\":" + text(record.key()) + ",\"value\":" + text(record.value())
                            + ",\"timestamp\":" + (timed ? record.timestamp() : -1) + ",\"headers\":[]}");
                    count--;
                }
            }
        }
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "null" : '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    }
}
