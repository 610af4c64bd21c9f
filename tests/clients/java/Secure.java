import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.*;

/**
 * Apache Kafka's Java client comes in by TLS and SASL: {@code Secure ssl=HOST:PORT,sasl_ssl=HOST:PORT PREFIX}; CA_FILE names
 * the certificates to trust.
 */
public final class Secure {
    static final String MODULES = "org.apache.kafka.common.security.";
    static final List<String> VALUES = IntStream.range(0, 100).mapToObj(Integer::toString).toList();

    record Login(String listener, String mechanism, String jaas) {
        static Login of(String mechanism, String module, String password) {
            return new Login("sasl_ssl", mechanism,
                MODULES + module + " required username=\"alice\" password=\"" + password + "\";");
        }

        Map<String, Object> settings(Map<String, String> address) {
            var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", address.get(listener),
                "security.protocol", listener.toUpperCase(), "ssl.truststore.type", "PEM",
                "ssl.truststore.location", System.getenv("CA_FILE"), "auto.offset.reset", "earliest"));
            if (mechanism != null) {
                settings.put("sasl.mechanism", mechanism);
                settings.put("sasl.jaas.config", jaas);
            }
            if ("OAUTHBEARER".equals(mechanism)) {
                settings.put("sasl.login.callback.handler.class",
                    MODULES + "oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler");
            }
            return settings;
        }
    }

    static List<String> roundTrip(String topic, Map<String, Object> settings) throws Exception {
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (var value : VALUES) {
                producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
            }
        }
        var got = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            for (int tries = 0; got.size() < VALUES.size() && tries < 200; tries++) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> got.add(record.value()));
            }
        }
        return got;
    }

    public static void main(String[] arguments) {
        var address = new HashMap<String, String>();
        for (var part : arguments[0].split(",")) {
            address.put(part.split("=")[0], part.split("=")[1]);
        }
        Clients.prefix = arguments[1];
        var scram = "scram.ScramLoginModule";
        for (var login : List.of(new Login("ssl", null, null),
            Login.of("PLAIN", "plain.PlainLoginModule", "plain-secret"),
            Login.of("SCRAM-SHA-256", scram, "scram-secret"),
            Login.of("SCRAM-SHA-512", scram, "scram-secret"),
            new Login("sasl_ssl", "OAUTHBEARER", MODULES
                + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"alice\";"))) {
            var name = login.mechanism() == null ? login.listener() : login.listener() + " " + login.mechanism();
            Clients.check(name + ": produces and consumes", () -> Clients.same(VALUES,
                roundTrip(Clients.name(name.replace(' ', '-')), login.settings(address))));
        }
        Clients.check("sasl_ssl SCRAM-SHA-512: a wrong password is refused", () -> {
            try {
                roundTrip(Clients.name("refused"), Login.of("SCRAM-SHA-512", scram, "wrong").settings(address));
            } catch (ExecutionException error) {
                Clients.same(SaslAuthenticationException.class, error.getCause().getClass());
                return;
            }
            throw new AssertionError("it was let in");
        });
        System.exit(Clients.failures == 0 ? 0 : 1);
    }
}
