--TEST--
A subscribed consumer can pause a partition
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$consumer = test_consumer();
$consumer->subscribe([$topic]);
test_until(fn () => count($consumer->getAssignment()) === 2, fn () => $consumer->consume(100));
$consumer->pausePartitions([new RdKafka\TopicPartition($topic, 0)]);
test_produce($topic, [['payload' => 'paused', 'partition' => 0], ['payload' => 'running', 'partition' => 1]]);
echo implode(' ', array_map(fn ($m) => $m->payload, test_consume($consumer, 2, 1))), "\n";
$consumer->resumePartitions([new RdKafka\TopicPartition($topic, 0)]);
echo implode(' ', array_map(fn ($m) => $m->payload, test_consume($consumer, 1))), "\n";
?>
--EXPECT--
running
paused
