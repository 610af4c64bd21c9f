--TEST--
pausePartitions() of a legacy consumer stops a partition
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$handle->consume(0, 100);
test_partitions($consumer->pausePartitions([new RdKafka\TopicPartition($topic, 0)]));
test_produce($topic, ['a']);
var_dump($handle->consume(0, 500));
?>
--EXPECT--
topic[0] 0 0
NULL
