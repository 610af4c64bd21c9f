--TEST--
assign() takes partitions with offsets and replaces what was assigned
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a0'], ['payload' => 'a1'], ['payload' => 'b0', 'partition' => 1], ['payload' => 'b1', 'partition' => 1]]);
$consumer = test_consumer();
test_partitions($consumer->getAssignment());
var_dump($consumer->assign([new RdKafka\TopicPartition($topic, 0, 1)]));
test_partitions($consumer->getAssignment());
echo test_consume($consumer, 1)[0]->payload, "\n";
$consumer->assign([new RdKafka\TopicPartition($topic, 1, 0)]);
test_partitions($consumer->getAssignment());
foreach (test_consume($consumer, 2) as $m) {
    echo $m->payload, "\n";
}
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0), new RdKafka\TopicPartition($topic, 1, 1)]);
test_partitions($consumer->getAssignment());
$payloads = array_map(fn ($m) => $m->payload, test_consume($consumer, 3));
sort($payloads);
echo implode(' ', $payloads), "\n";
?>
--EXPECT--
none
NULL
topic[0] 1 0
a1
topic[1] 0 0
b0
b1
topic[0] 0 0
topic[1] 1 0
a0 a1 b1
