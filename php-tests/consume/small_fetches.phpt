--TEST--
Messages larger than every fetch limit still arrive
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [str_repeat('a', 50000), 'b', str_repeat('c', 100000)]);
$consumer = test_consumer(['fetch.message.max.bytes' => 1000, 'fetch.max.bytes' => 1000, 'message.max.bytes' => 1000]);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 3) as $m) {
    echo $m->offset, ' ', $m->len, "\n";
}
?>
--EXPECT--
0 50000
1 1
2 100000
