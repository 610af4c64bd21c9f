--TEST--
Without enable.partition.eof the end of a partition is not told
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
echo test_consume($consumer, 1)[0]->payload, "\n";
for ($i = 0; $i < 5; $i++) {
    echo $consumer->consume(50)->err, "\n";
}
?>
--EXPECT--
a
-185
-185
-185
-185
-185
