<?php
/**
 * A member of a group: reads and commits until SIGTERM, then leaves in order (or is killed).
 *
 *   consume.php BROKERS TOPIC GROUP STRATEGY LOG
 *
 * LOG gets a line per tenure of a partition when it ends or a commit succeeds: "PARTITION FIRST NEXT", the offset of
 * the first message of this tenure and one more than the last. A line "! TEXT" tells of something that must not happen,
 * "@ SECONDS" for how long it took to leave.
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

[, $brokers, $topicName, $group, $strategy, $logName] = $argv;
$stop = false;
pcntl_signal(SIGTERM, function () use (&$stop): void {
    $stop = microtime(true);
});
$log = fopen($logName, 'a');
/** @var array<int, array{int, int}> partition => first, next */
$tenures = [];
/** @var array<string, int> "producer partition" => number */
$numbers = [];

$write = function () use (&$tenures, $log): void {
    $text = '';
    foreach ($tenures as $partition => [$first, $next]) {
        $text .= "$partition $first $next\n";
    }
    fwrite($log, $text);
};
$commit = function (RdKafka\KafkaConsumer $consumer) use (&$tenures, $topicName, $write): bool {
    $write();
    $offsets = [];
    foreach ($tenures as $partition => [, $next]) {
        $offsets[] = new RdKafka\TopicPartition($topicName, $partition, $next);
    }
    try {
        $offsets === [] || $consumer->commit($offsets);
        return true;
    } catch (RdKafka\Exception $e) {
        // a rebalance, or no coordinator: who comes next reads from the last commit
        fwrite(STDERR, "commit: {$e->getMessage()}\n");
        return false;
    }
};
$forget = function (array $partitions) use (&$tenures, &$numbers): void {
    foreach ($partitions as $partition) {
        unset($tenures[$partition->getPartition()]);
        foreach (array_keys($numbers) as $key) {
            if (str_ends_with($key, ' ' . $partition->getPartition())) {
                unset($numbers[$key]);
            }
        }
    }
};

$conf = chaos_conf($brokers, ['group.id' => $group, 'partition.assignment.strategy' => $strategy,
    'auto.offset.reset' => 'earliest', 'enable.auto.commit' => 'false', 'session.timeout.ms' => '6000',
    'heartbeat.interval.ms' => '500', 'fetch.wait.max.ms' => '200'] + json_decode(getenv('CONSUMER_SETTINGS') ?: '[]', true));
$conf->setRebalanceCb(
    function (RdKafka\KafkaConsumer $consumer, int $error, ?array $partitions) use ($strategy, $commit, $forget): void {
        $isIncremental = $strategy === 'cooperative-sticky';
        $partitions ??= [];
        if ($error === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            $forget($partitions);
            $isIncremental ? $consumer->incrementalAssign($partitions) : $consumer->assign($partitions);
        } elseif ($error === RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
            $commit($consumer);
            $forget($partitions);
            $isIncremental ? $consumer->incrementalUnassign($partitions) : $consumer->assign(null);
        } else {
            $consumer->assign(null);
        }
    }
);
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topicName]);
$committed = microtime(true);
while (!$stop) {
    $message = $consumer->consume(200);
    if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        $partition = $message->partition;
        $tenures[$partition] ??= [$message->offset, $message->offset];
        if ($message->offset !== $tenures[$partition][1]) {
            fwrite($log, "! partition $partition: offset $message->offset after {$tenures[$partition][1]} was due\n");
        }
        $tenures[$partition][1] = $message->offset + 1;
        [$producer, , $number] = explode(':', $message->payload);
        $key = "$producer $partition";
        if (($numbers[$key] ?? (int) $number) !== (int) $number) {
            fwrite($log, "! partition $partition: number $number of $producer where {$numbers[$key]} was due\n");
        }
        $numbers[$key] = (int) $number + 1;
    }
    if (microtime(true) - $committed > 0.3) {
        $commit($consumer);
        $committed = microtime(true);
    }
}
fwrite(STDERR, "told to leave\n");
$commit($consumer);
fwrite(STDERR, "closing\n");
$consumer->close();
fwrite($log, sprintf("@ %.1f\n", microtime(true) - $stop));
