--TEST--
What incrementalAssign() and incrementalUnassign() refuse
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
$consumer = test_consumer();
$partition = fn (int $p) => new RdKafka\TopicPartition($topic, $p, 0);
$mask = function (callable $call) use ($topic): void {
    ob_start();
    test_try($call);
    echo str_replace($topic, 'topic', ob_get_clean());
};
$mask(fn () => $consumer->incrementalUnassign([$partition(0)]));
$mask(fn () => $consumer->incrementalAssign([$partition(0)]));
$mask(fn () => $consumer->incrementalAssign([$partition(0)]));
$mask(fn () => $consumer->incrementalAssign([$partition(1), $partition(0)]));
$mask(fn () => $consumer->incrementalUnassign([$partition(2)]));
test_partitions($consumer->getAssignment());
?>
--EXPECT--
RdKafka\Exception(0): Can't subtract from empty assignment
returned null
RdKafka\Exception(0): topic [0] is already part of the current assignment
RdKafka\Exception(0): topic [0] is already part of the current assignment
RdKafka\Exception(0): topic [2] can't be unassigned since it is not in the current assignment
topic[0] 0 0
