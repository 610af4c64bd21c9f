--TEST--
incrementalAssign() adds and incrementalUnassign() takes away
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
test_produce($topic, [['payload' => 'p0'], ['payload' => 'p1', 'partition' => 1], ['payload' => 'p2', 'partition' => 2]]);
$consumer = test_consumer();
$partition = fn (int $p, int $offset = 0) => new RdKafka\TopicPartition($topic, $p, $offset);
var_dump($consumer->incrementalAssign([$partition(0), $partition(1)]));
test_partitions($consumer->getAssignment());
$read = array_map(fn ($m) => $m->payload, test_consume($consumer, 2));
sort($read);
echo implode(' ', $read), "\n";
$consumer->incrementalAssign([$partition(2)]);
echo test_consume($consumer, 1)[0]->payload, "\n";
var_dump($consumer->incrementalUnassign([$partition(0), $partition(2)]));
test_partitions($consumer->getAssignment());
$consumer->incrementalAssign([]);
$consumer->incrementalUnassign([]);
test_partitions($consumer->getAssignment());
?>
--EXPECT--
NULL
topic[0] 0 0
topic[1] 0 0
p0 p1
p2
NULL
topic[1] 0 0
topic[1] 0 0
