--TEST--
Logical offsets cannot be committed
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
$partition = fn (int $offset, int $p = 0) => new RdKafka\TopicPartition($topic, $p, $offset);
foreach ([RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END, RD_KAFKA_OFFSET_STORED, -1001] as $offset) {
    test_try(fn () => $consumer->commit([$partition($offset)]));
}
test_try(fn () => $consumer->commit([$partition(-1001), $partition(5)]));
test_partitions($consumer->getCommittedOffsets([$partition(0)], 5000));
?>
--EXPECT--
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(-168): Local: No offset stored
returned null
topic[0] 5 0
