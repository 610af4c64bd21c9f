--TEST--
Assigning the same partition again seeks
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3', '4']);
$consumer = test_consumer(['fetch.wait.max.ms' => 10]);
foreach ([0, 3, 1, 4, 0] as $offset) {
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, $offset)]);
    $m = test_consume($consumer, 1)[0];
    echo "$m->offset $m->payload\n";
}
?>
--EXPECT--
0 0
3 3
1 1
4 4
0 0
