--TEST--
offsetsForTimes() throws when it gets no answer and reports unknown partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
test_try(fn () => $consumer->offsetsForTimes([], 1000));
test_try(fn () => test_partitions($consumer->offsetsForTimes([new RdKafka\TopicPartition($topic, 9, 1)], 3000)));
test_try(fn () => test_consumer(['bootstrap.servers' => '127.0.0.1:1'])->offsetsForTimes([new RdKafka\TopicPartition($topic, 0, 1)], 200));
?>
--EXPECT--
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-187): Local: All broker connections are down
