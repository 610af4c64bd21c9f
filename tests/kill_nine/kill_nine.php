<?php
/**
 * Produces with acks=all through an idempotent producer while the broker is killed with SIGKILL and
 * started again, once per round, always on the same data folder. After each round the partition is
 * read from where the last round ended and compared with the delivery reports.
 *
 *   kill_nine.php BROKER-BINARY DATA-FOLDER ROUNDS
 */

declare(strict_types=1);

require __DIR__ . '/broker_process.php';

const TOPIC = 'durable';

[, $binary, $folder, $rounds] = $argv;
$rounds = (int) $rounds;
mt_srand((int) (getenv('SEED') ?: 20261121));
$broker = new BrokerProcess($binary, $folder, ['--topic', TOPIC . ':1']);

/** @var array<int, string> offset => payload of what was acknowledged and not yet compared */
$acknowledged = [];
$refused = 0;
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $broker->address);
$conf->set('enable.idempotence', 'true');
$conf->set('linger.ms', '1');
$conf->set('batch.num.messages', '200');
$conf->set('reconnect.backoff.ms', '10');
$conf->set('reconnect.backoff.max.ms', '100');
$conf->set('retry.backoff.ms', '20');
$conf->set('log_level', '0');
$conf->setDrMsgCb(function ($producer, RdKafka\Message $message) use (&$acknowledged, &$refused): void {
    if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        $acknowledged[$message->offset] = $message->payload;
    } else {
        fwrite(STDERR, '# ' . $message->errstr() . "\n");
        $refused++;
    }
});
$conf->setErrorCb(function (): void {
    // broken connections are the point of this test
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(TOPIC);

$sequence = 0;
$missing = $disordered = $unflushed = 0;
$expected = 0; // the next sequence number a reader must see
$position = 0;
for ($round = 1; $round <= $rounds; $round++) {
    $count = mt_rand(1000, 8000);
    $killAt = mt_rand(1, $count);
    for ($i = 1; $i <= $count; $i++) {
        $payload = sprintf('%010d %s', $sequence++, str_repeat(chr(97 + $sequence % 26), mt_rand(0, 200)));
        $topic->produce(0, RD_KAFKA_MSG_F_BLOCK, $payload);
        if ($i % 100 === 0) {
            $producer->poll(0);
        }
        if ($i === $killAt) {
            // let some requests be on their way, and some answers
            usleep(mt_rand(0, 3000));
            $broker->kill();
            $broker->start();
        }
    }
    if ($producer->flush(20000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        $unflushed++;
    }

    $readConf = new RdKafka\Conf();
    $readConf->set('bootstrap.servers', $broker->address);
    $readConf->set('enable.partition.eof', 'true');
    $readConf->set('log_level', '0');
    $reader = new RdKafka\Consumer($readConf);
    $readTopic = $reader->newTopic(TOPIC);
    $readTopic->consumeStart(0, $position);
    while (($message = $readTopic->consume(0, 20000)) !== null && $message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (($acknowledged[$message->offset] ?? $message->payload) !== $message->payload) {
            $missing++;
        }
        unset($acknowledged[$message->offset]);
        if ((int) $message->payload !== $expected) {
            $disordered++;
        }
        $expected = (int) $message->payload + 1;
        $position = $message->offset + 1;
    }
    $readTopic->consumeStop(0);
    unset($readTopic, $reader);
    // what was acknowledged below the end of the log must have been read
    $missing += count($acknowledged);
    $acknowledged = [];
    if ($missing + $disordered + $unflushed + $refused > 0) {
        fwrite(STDERR, "# round $round: missing $missing, out of order or doubled $disordered, refused $refused, flush timed out $unflushed\n");
        break;
    }
}
$broker->kill();

$say = function (bool $good, string $what): void {
    echo $good ? 'ok' : 'not ok', " - $what\n";
};
$say($missing === 0 && $round > $rounds, "$rounds times kill -9: no acknowledged message is missing ($sequence messages)");
$say($disordered === 0, 'none is out of order or doubled');
$say($refused === 0 && $unflushed === 0, 'the producer went on by itself after every restart');
exit($missing + $disordered + $refused + $unflushed === 0 ? 0 : 1);
