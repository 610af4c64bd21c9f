--TEST--
The list's keys do not matter
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = test_consumer();
$consumer->assign(['some' => new RdKafka\TopicPartition($topic, 0, 0)]);
var_dump(array_keys($consumer->getAssignment()));
echo test_consume($consumer, 1)[0]->payload, "\n";
var_dump(array_keys($consumer->getOffsetPositions([5 => new RdKafka\TopicPartition($topic, 0)])));
?>
--EXPECT--
array(1) {
  [0]=>
  int(0)
}
a
array(1) {
  [0]=>
  int(0)
}
