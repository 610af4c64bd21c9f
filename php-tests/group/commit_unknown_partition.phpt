--TEST--
Committing for a partition that does not exist
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$missing = test_name();
$consumer = test_consumer();
test_try(fn () => $consumer->commit([new RdKafka\TopicPartition($missing, 0, 5)]));
test_try(fn () => $consumer->commit([new RdKafka\TopicPartition($topic, 9, 5)]));
test_try(fn () => test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($missing, 0)], 5000)));
?>
--EXPECT--
RdKafka\Exception(3): Broker: Unknown topic or partition
RdKafka\Exception(3): Broker: Unknown topic or partition
topic[0] -1001 0
returned null
