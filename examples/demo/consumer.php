<?php
/**
 * One member of the demo's consumer group, started by demo.php as a process of its own.
 *
 *   php -d extension=rdkafka.so consumer.php BROKERS TOPIC GROUP
 *
 * It prints `assigned P,P` at each assignment and, for every message, a line
 * `SEQUENCE PARTITION OFFSET KEY-CRC PAYLOAD-CRC`. It ends when its standard input closes.
 */

declare(strict_types=1);

[, $brokers, $topic, $group] = $argv;

$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $brokers);
$conf->set('group.id', $group);
$conf->set('auto.offset.reset', 'earliest');
$conf->set('enable.auto.commit', 'false');
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $consumer, int $err, ?array $partitions = null): void {
    if ($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        $consumer->assign($partitions);
        echo 'assigned ', implode(',', array_map(fn ($p) => $p->getPartition(), $partitions)), "\n";
    } else {
        $consumer->assign(null);
    }
});
$conf->setErrorCb(function ($consumer, int $err, string $reason): void {
    fwrite(STDERR, "consumer: $reason\n");
});

$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
stream_set_blocking(STDIN, false);

$lines = '';
$since = 0;
while (true) {
    $message = $consumer->consume($lines === '' ? 50 : 0);
    if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        $sequence = json_decode($message->payload, true)['sequence'];
        $lines .= sprintf("%d %d %d %08x %08x\n", $sequence, $message->partition, $message->offset,
            crc32($message->key), crc32($message->payload));
        $since++;
        if (strlen($lines) < 60000) {
            continue;
        }
    } elseif ($message->err !== RD_KAFKA_RESP_ERR__TIMED_OUT && $message->err !== RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        fwrite(STDERR, 'consumer: ' . $message->errstr() . "\n");
        exit(1);
    }
    // Out of messages for now: hand over what was read, then commit it.
    if ($lines !== '') {
        fwrite(STDOUT, $lines);
        $lines = '';
        $consumer->commit();
    }
    if (fgets(STDIN) === false && feof(STDIN)) {
        break;
    }
}
$consumer->close();
