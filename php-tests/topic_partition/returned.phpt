--TEST--
TopicPartitions that calls return are new objects
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
$mine = new RdKafka\TopicPartition($topic, 0, 0);
$consumer->assign([$mine]);
$first = $consumer->getAssignment()[0];
$second = $consumer->getAssignment()[0];
var_dump($first::class, $first === $mine, $first === $second, $first->getTopic() === $topic);
$first->setOffset(99)->setTopic('changed');
$mine->setOffset(98);
test_partitions($consumer->getAssignment());
?>
--EXPECT--
string(22) "RdKafka\TopicPartition"
bool(false)
bool(false)
bool(true)
topic[0] 0 0
