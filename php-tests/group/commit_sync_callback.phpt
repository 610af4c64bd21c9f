--TEST--
The offset commit callback hears of synchronous and automatic commits too
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1']);
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest', 'auto.commit.interval.ms' => 100]);
$seen = [];
$conf->setOffsetCommitCb(function ($kafka, int $err, array $partitions) use (&$seen): void {
    if ($err === RD_KAFKA_RESP_ERR__NO_OFFSET) {
        return;
    }
    $seen[] = $err . ':' . implode(',', array_map(fn ($p) => $p->getPartition() . '@' . $p->getOffset(), $partitions));
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
test_consume($consumer, 2);
test_until(function () use (&$seen) {
    return in_array('0:0@2', $seen, true);
}, fn () => $consumer->consume(50));
echo end($seen), "\n";
$seen = [];
$consumer->commit([new RdKafka\TopicPartition($topic, 0, 1)]);
test_until(function () use (&$seen) {
    return $seen !== [];
}, fn () => $consumer->consume(50));
echo $seen[0], "\n";
?>
--EXPECT--
0:0@2
0:0@1
