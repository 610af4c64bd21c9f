--TEST--
getOffsetPositions() is the next offset to consume
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['0', '1', '2']);
$consumer = test_consumer();
$partitions = [new RdKafka\TopicPartition($topic, 0, 0), new RdKafka\TopicPartition($topic, 1, 0)];
test_partitions($consumer->getOffsetPositions($partitions));
$consumer->assign($partitions);
test_consume($consumer, 1);
test_partitions($consumer->getOffsetPositions($partitions));
test_consume($consumer, 2);
test_partitions($consumer->getOffsetPositions($partitions));
test_partitions($consumer->getOffsetPositions([]));
test_partitions($consumer->getOffsetPositions([new RdKafka\TopicPartition('nosuch', 1, 5)]), ['nosuch' => 'nosuch']);
?>
--EXPECT--
topic[0] -1001 0
topic[1] -1001 0
topic[0] 1 0
topic[1] -1001 0
topic[0] 3 0
topic[1] -1001 0
none
nosuch[1] -1001 0
