--TEST--
Pausing and resuming a partition that is not assigned
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
$partitions = [new RdKafka\TopicPartition($topic, 0), new RdKafka\TopicPartition('nosuch', 3)];
$names = [$topic => 'topic', 'nosuch' => 'nosuch'];
test_partitions($consumer->pausePartitions($partitions), $names);
test_partitions($consumer->resumePartitions($partitions), $names);
test_partitions($consumer->pausePartitions([]));
?>
--EXPECT--
nosuch[3] 0 -190
topic[0] 0 -190
nosuch[3] 0 -190
topic[0] 0 -190
none
