<?php
/**
 * Produces with idempotence and acks=all until SIGTERM, then flushes.
 *
 *   produce.php BROKERS TOPIC PARTITIONS NAME FOLDER RATE
 *
 * The payload is "NAME:PARTITION:NUMBER", numbered per partition. FOLDER/acks-NAME-PARTITION holds the offset of each
 * acknowledged message as 8 bytes, in the order of the reports. Exits with 0 when every message was acknowledged in order.
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

[, $brokers, $topicName, $partitions, $name, $folder, $rate] = $argv;
$stop = false;
pcntl_signal(SIGTERM, function () use (&$stop): void {
    $stop = true;
});

$files = $next = $expected = [];
for ($partition = 0; $partition < (int) $partitions; $partition++) {
    $files[] = fopen("$folder/acks-$name-$partition", 'w');
    $next[] = $expected[] = 0;
}
$refused = 0;
$compression = ['none', 'gzip', 'snappy', 'lz4', 'zstd'][crc32($name) % 5];
$conf = chaos_conf($brokers, ['enable.idempotence' => 'true', 'acks' => 'all', 'linger.ms' => '5',
    'compression.type' => $compression, 'message.timeout.ms' => '300000', 'batch.num.messages' => '200']);
$conf->setDrMsgCb(function ($producer, RdKafka\Message $message) use (&$expected, &$refused, $files): void {
    [, , $number] = explode(':', $message->payload);
    if ($message->err !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        fwrite(STDERR, "$message->payload failed: " . $message->errstr() . "\n");
        $refused++;
    } elseif ((int) $number !== $expected[$message->partition]) {
        fwrite(STDERR, "$message->payload reported where number {$expected[$message->partition]} was due\n");
        $refused++;
    }
    $expected[$message->partition] = (int) $number + 1;
    fwrite($files[$message->partition], pack('q', $message->offset));
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($topicName);
$begin = microtime(true);
$sent = 0;
while (!$stop) {
    $due = (int) ((microtime(true) - $begin) * (int) $rate);
    while ($sent < $due && !$stop) {
        $partition = mt_rand(0, (int) $partitions - 1);
        $topic->produce($partition, RD_KAFKA_MSG_F_BLOCK, "$name:$partition:{$next[$partition]}");
        $next[$partition]++;
        if (++$sent % 50 === 0) {
            $producer->poll(0);
        }
    }
    $producer->poll(10);
}
$flushed = $producer->flush(60000);
if ($flushed !== RD_KAFKA_RESP_ERR_NO_ERROR) {
    fwrite(STDERR, "flush: $flushed, {$producer->getOutQLen()} left\n");
}
array_map(fclose(...), $files);
exit($refused === 0 && $flushed === RD_KAFKA_RESP_ERR_NO_ERROR && $next === $expected ? 0 : 1);
