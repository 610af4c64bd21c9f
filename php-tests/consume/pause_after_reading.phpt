--TEST--
Pausing in the middle loses nothing and repeats nothing
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, array_map(fn ($i) => "$i", range(0, 99)));
$consumer = test_consumer();
$partition = new RdKafka\TopicPartition($topic, 0, 0);
$consumer->assign([$partition]);
$read = array_map(fn ($m) => (int) $m->payload, test_consume($consumer, 30));
$consumer->pausePartitions([$partition]);
var_dump($consumer->consume(300)->err);
$consumer->resumePartitions([$partition]);
$read = array_merge($read, array_map(fn ($m) => (int) $m->payload, test_consume($consumer, 70)));
var_dump($read === range(0, 99));
?>
--EXPECT--
int(-185)
bool(true)
