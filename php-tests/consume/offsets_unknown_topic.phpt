--TEST--
Offsets of topics and partitions that do not exist
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$missing = test_name('missing');
$consumer = test_consumer();
$consumer->getMetadata(true, null, 5000);
test_try(function () use ($consumer, $missing): void {
    $consumer->queryWatermarkOffsets($missing, 0, $low, $high, 5000);
});
test_try(function () use ($consumer, $topic): void {
    $consumer->queryWatermarkOffsets($topic, 9, $low, $high, 5000);
});
$at = fn (string $topic, int $partition, int $time) => new RdKafka\TopicPartition($topic, $partition, $time);
test_try(fn () => $consumer->offsetsForTimes([$at($missing, 0, 1)], 5000));
test_try(fn () => $consumer->offsetsForTimes([$at($topic, 9, 1)], 5000));
// One that exists is enough for an answer; the others keep the time they were asked with.
test_partitions($consumer->offsetsForTimes([$at($topic, 0, 1), $at($topic, 9, 2), $at($missing, 0, 3)], 5000), [$missing => 'missing']);
?>
--EXPECT--
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
missing[0] 3 3
topic[0] 0 0
topic[9] 2 -190
