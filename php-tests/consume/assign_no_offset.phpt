--TEST--
A TopicPartition made without an offset starts at 0
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2']);
$consumer = test_consumer(['auto.offset.reset' => 'latest']);
$consumer->assign([new RdKafka\TopicPartition($topic, 0)]);
foreach (test_consume($consumer, 3) as $m) {
    echo $m->payload, "\n";
}
?>
--EXPECT--
0
1
2
