--TEST--
assign() with null, an empty list or nothing clears the assignment
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = test_consumer();
foreach ([[null], [[]], []] as $arguments) {
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
    echo count($consumer->getAssignment()), ' ', count(test_consume($consumer, 1)), ' ';
    $consumer->assign(...$arguments);
    echo count($consumer->getAssignment()), ' ', $consumer->consume(50)->err, "\n";
}
?>
--EXPECT--
1 1 0 -185
1 1 0 -185
1 1 0 -185
