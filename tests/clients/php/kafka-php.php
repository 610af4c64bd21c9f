<?php
// nmred/kafka-php (pure PHP, fixed old versions, message sets) against rdkafka-broker:
//   kafka-php.php BROKERS PREFIX
// after `composer install` in this folder.
declare(strict_types=1);
error_reporting(E_ALL & ~E_DEPRECATED);
[, $brokers, $prefix] = $argv;
require __DIR__ . '/vendor/autoload.php';

$topic = "$prefix-old";
$expected = [];
$reads = isset($argv[3]);
if (!$reads) {
    exec(escapeshellarg((string) getenv('RDKAFKA_BROKER_BIN')) . " topics --bootstrap-server $brokers --create --topic $topic");
}
foreach (['0.8.2.2', '0.9.0.1', '0.10.2.1'] as $version) {
    foreach (['none', 'gzip'] as $codec => $name) {
        $expected[] = $value = "by $version with $name";
        if ($reads) {
            continue;
        }
        $config = Kafka\ProducerConfig::getInstance();
        $config->setMetadataBrokerList($brokers);
        $config->setBrokerVersion($version);
        $config->setRequiredAck(1);
        $config->setIsAsyn(false);
        $config->setCompression($codec);
        $answer = (new Kafka\Producer())->send([['topic' => $topic, 'key' => 'k', 'value' => $value]]);
        $error = $answer[0]['data'][0]['partitions'][0]['errorCode'] ?? 'no answer';
        echo $error === 0 ? 'ok' : 'not ok', " - kafka-php: produces as Kafka $version with $name\n";
    }
}
if (!$reads) {
    // in a process of its own: its producer and consumer share their sockets
    passthru(PHP_BINARY . ' ' . implode(' ', array_map('escapeshellarg', [...$argv, 'read'])), $status);
    exit($status);
}
$config = Kafka\ConsumerConfig::getInstance();
$config->setMetadataBrokerList($brokers);
$config->setBrokerVersion('0.10.2.1');
$config->setGroupId("$prefix-g");
$config->setTopics([$topic]);
$config->setOffsetReset('earliest');
$got = [];
(new Kafka\Consumer())->start(function ($topic, $partition, $message) use (&$got, $expected): void {
    $got[] = $message['message']['value'];
    if (count($got) === count($expected)) {
        echo $got === $expected ? 'ok' : 'not ok', " - kafka-php: a group reads message sets\n";
        exit($got === $expected ? 0 : 1);
    }
});
