<?php
/**
 * A broker with a listener of each kind, and what their clients set.
 *
 * RDKAFKA_SECURE_TLS=host:port and so on name its listeners (tests/kafka/secure starts Apache Kafka that way). Without them
 * rdkafka-broker is started for the test. User: alice with alice-secret; OAUTHBEARER takes tokens that nobody signed.
 */

declare(strict_types=1);

require __DIR__ . '/../_harness.php';

if (!getenv('RDKAFKA_SECURE_TLS')) {
    secure_start();
}

/** Starts rdkafka-broker with every listener. */
function secure_start(): void
{
    // name => security protocol, store, whether clients need a certificate
    $listeners = [
        'PLAIN' => ['PLAINTEXT'],
        'TLS' => ['SSL', 'server', 'none'],
        'MUTUAL' => ['SSL', 'server', 'required'],
        'STRANGER' => ['SSL', 'stranger', 'none'],
        'EXPIRED' => ['SSL', 'expired', 'none'],
        'SASL' => ['SASL_PLAINTEXT'],
        'SASL_TLS' => ['SASL_SSL', 'server', 'none'],
        'NARROW' => ['SASL_PLAINTEXT'],
    ];
    $held = array_map(fn () => stream_socket_server('tcp://127.0.0.1:0'), $listeners);
    $addresses = array_map(fn ($socket) => stream_socket_get_name($socket, false), $held);
    array_map(fclose(...), $held);
    $pairs = fn (callable $pair): string => implode(',', array_map($pair, array_keys($listeners)));
    $settings = [
        'listeners' => $pairs(fn ($name) => "$name://$addresses[$name]"),
        'listener.security.protocol.map' => $pairs(fn ($name) => "$name:{$listeners[$name][0]}"),
        'inter.broker.listener.name' => 'PLAIN',
        'connections.max.reauth.ms' => '4000',
    ];
    $plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";';
    foreach ($listeners as $name => [$protocol]) {
        $prefix = 'listener.name.' . strtolower($name);
        if (str_contains($protocol, 'SSL')) {
            $settings += [
                "$prefix.ssl.keystore.type" => 'PEM',
                "$prefix.ssl.keystore.location" => secure_file("{$listeners[$name][1]}.store.pem"),
                "$prefix.ssl.truststore.type" => 'PEM',
                "$prefix.ssl.truststore.location" => secure_file('ca.pem'),
                "$prefix.ssl.client.auth" => $listeners[$name][2],
            ];
        }
        if (str_contains($protocol, 'SASL')) {
            $mechanisms = $name === 'NARROW' ? 'PLAIN' : 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER';
            $settings += ["$prefix.sasl.enabled.mechanisms" => $mechanisms, "$prefix.plain.sasl.jaas.config" => $plain];
        }
        putenv("RDKAFKA_SECURE_$name=" . $addresses[$name]);
    }
    $command = [getenv('RDKAFKA_BROKER_BIN'), 'serve', '--ephemeral', '--log-level', 'error'];
    foreach ($settings as $name => $value) {
        array_push($command, '--set', "$name=$value");
    }
    foreach (['SCRAM-SHA-256', 'SCRAM-SHA-512'] as $mechanism) {
        array_push($command, '--add-scram', "$mechanism=[name=alice,password=alice-secret]");
    }
    $broker = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], STDERR], $pipes);
    register_shutdown_function(fn () => proc_terminate($broker, 9));
    fgets($pipes[1]) ?: throw new RuntimeException('the broker did not start');
    putenv("RDKAFKA_TEST_BROKERS=$addresses[PLAIN]");
}

function secure(string $name): string
{
    return getenv("RDKAFKA_SECURE_$name") ?: throw new RuntimeException("RDKAFKA_SECURE_$name is not set: see tests/kafka/secure");
}

/** A certificate or a key. */
function secure_file(string $name): string
{
    return __DIR__ . "/certificates/$name";
}

/** TLS, believing the fixture's authority. */
function secure_tls(array $settings = []): array
{
    return $settings + ['security.protocol' => 'ssl', 'ssl.ca.location' => secure_file('ca.pem')];
}

/** SASL with alice's password. */
function secure_sasl(string $mechanism, array $settings = []): array
{
    return $settings + [
        'security.protocol' => 'sasl_plaintext',
        'sasl.mechanisms' => $mechanism,
        'sasl.username' => 'alice',
        'sasl.password' => 'alice-secret',
    ];
}

/** A token that nobody signed. */
function secure_token(string $principal, int $life_s): string
{
    $encode = fn (string $json): string => rtrim(strtr(base64_encode($json), '+/', '-_'), '=');
    $now = time();
    return $encode('{"alg":"none"}') . '.' . $encode(json_encode(['sub' => $principal, 'iat' => $now, 'exp' => $now + $life_s])) . '.';
}

/** Writes one message and reads it back, over the given listener. */
function secure_round_trip(string $brokers, array $settings): string
{
    $topic = test_topic();
    $settings = ['bootstrap.servers' => $brokers] + $settings;
    $producer = new RdKafka\Producer(test_conf($settings));
    $producer->newTopic($topic)->produce(0, 0, 'hello');
    if ($producer->flush(10000) !== 0) {
        return 'not delivered';
    }
    $consumer = new RdKafka\KafkaConsumer(test_conf($settings + ['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']));
    $consumer->subscribe([$topic]);
    for ($until = microtime(true) + 20; microtime(true) < $until;) {
        $message = $consumer->consume(1000);
        if ($message->err === 0) {
            $consumer->close();
            return $message->payload;
        }
    }
    return 'not read';
}
