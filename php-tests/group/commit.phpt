--TEST--
commit() commits what was read; the next consumer goes on after it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3', '4']);
$group = test_name('group');
$consumer = test_consumer(['group.id' => $group, 'enable.auto.commit' => 'false']);
$consumer->subscribe([$topic]);
test_consume($consumer, 3);
var_dump($consumer->commit());
test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
unset($consumer);
$consumer = test_consumer(['group.id' => $group, 'enable.auto.commit' => 'false']);
$consumer->subscribe([$topic]);
foreach (test_consume($consumer, 2) as $m) {
    echo "$m->offset $m->payload\n";
}
?>
--EXPECT--
NULL
topic[0] 3 0
3 3
4 4
