--TEST--
A paused partition gives nothing until it is resumed
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a'], ['payload' => 'b', 'partition' => 1]]);
$consumer = test_consumer();
$partitions = [new RdKafka\TopicPartition($topic, 0, 0), new RdKafka\TopicPartition($topic, 1, 0)];
$consumer->assign($partitions);
$paused = $consumer->pausePartitions([$partitions[0]]);
test_partitions($paused);
var_dump($paused[0] === $partitions[0]);
echo implode(' ', array_map(fn ($m) => $m->payload, test_consume($consumer, 2, 1))), "\n";
test_partitions($consumer->resumePartitions([$partitions[0]]));
echo implode(' ', array_map(fn ($m) => $m->payload, test_consume($consumer, 1))), "\n";
?>
--EXPECT--
topic[0] 0 0
bool(false)
b
topic[0] 0 0
a
