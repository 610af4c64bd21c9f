--TEST--
Pausing and resuming a partition that is not assigned: known is a topic that was ever used
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
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
$consumer->assign([]);
echo "after it was assigned\n";
test_partitions($consumer->pausePartitions($partitions), $names);
test_partitions($consumer->resumePartitions($partitions), $names);
$second = test_topic();
$handle = $consumer->newTopic($second);
echo "with a handle of the topic\n";
test_partitions($consumer->pausePartitions([new RdKafka\TopicPartition($second, 0)]), [$second => 'topic']);
?>
--EXPECT--
nosuch[3] 0 -190
topic[0] 0 -190
nosuch[3] 0 -190
topic[0] 0 -190
none
after it was assigned
nosuch[3] 0 -190
topic[0] 0 0
nosuch[3] 0 -190
topic[0] 0 0
with a handle of the topic
topic[0] 0 0
