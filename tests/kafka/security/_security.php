<?php
/** The listeners of `tests/kafka/secure`, and what their clients set. */

declare(strict_types=1);

require __DIR__ . '/../../../php-tests/_harness.php';

function secure(string $name): string
{
    return getenv("RDKAFKA_SECURE_$name") ?: throw new RuntimeException("RDKAFKA_SECURE_$name is not set: see tests/kafka/secure");
}

/** A file that the fixture made. */
function secure_file(string $name): string
{
    return secure('CERTS') . '/' . $name;
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
