--TEST--
getCommittedOffsets() asks the broker, for any group member or not
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$group = test_name('group');
$partitions = [new RdKafka\TopicPartition($topic, 0, 5), new RdKafka\TopicPartition($topic, 1, 6)];
test_consumer(['group.id' => $group])->commit([$partitions[1]]);
$consumer = test_consumer(['group.id' => $group]);
test_partitions($consumer->getCommittedOffsets($partitions, 5000));
test_partitions(test_consumer()->getCommittedOffsets($partitions, 5000));
test_try(fn () => $consumer->getCommittedOffsets([], 1000));
test_try(fn () => test_consumer(['bootstrap.servers' => '127.0.0.1:1'])->getCommittedOffsets($partitions, 200));
test_partitions($partitions);
?>
--EXPECT--
topic[0] -1001 0
topic[1] 6 0
topic[0] -1001 0
topic[1] -1001 0
returned []
RdKafka\Exception(-185): Local: Timed out
topic[0] 5 0
topic[1] 6 0
