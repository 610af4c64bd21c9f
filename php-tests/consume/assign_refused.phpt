--TEST--
assign() with an offset that is none throws, and what was assigned before is gone
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
$at = fn (int $offset) => [new RdKafka\TopicPartition($topic, 0, $offset)];
foreach ([-3, -999, -1999, -1500] as $offset) {
    $consumer->assign($at(0));
    echo count($consumer->getAssignment()), ' ';
    test_try(fn () => $consumer->assign($at($offset)));
    echo count($consumer->getAssignment()), "\n";
}
$consumer->assign($at(0));
test_try(fn () => $consumer->assign([...$at(0), ...$at(1)]));
test_partitions($consumer->getAssignment());
?>
--EXPECT--
1 RdKafka\Exception(-186): Local: Invalid argument or configuration
0
1 RdKafka\Exception(-186): Local: Invalid argument or configuration
0
1 RdKafka\Exception(-186): Local: Invalid argument or configuration
0
1 RdKafka\Exception(-186): Local: Invalid argument or configuration
0
RdKafka\Exception(-186): Local: Invalid argument or configuration
none
