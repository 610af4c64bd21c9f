--TEST--
commit() of a message commits the offset after it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2']);
$partition = new RdKafka\TopicPartition($topic, 0, 0);
$consumer = test_consumer(['enable.auto.commit' => 'false']);
$consumer->assign([$partition]);
foreach (test_consume($consumer, 3) as $m) {
    $consumer->commit($m);
    test_partitions($consumer->getCommittedOffsets([$partition], 5000));
}
$m->offset = 0;
$consumer->commit($m);
test_partitions($consumer->getCommittedOffsets([$partition], 5000));
?>
--EXPECT--
topic[0] 1 0
topic[0] 2 0
topic[0] 3 0
topic[0] 1 0
