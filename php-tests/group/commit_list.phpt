--TEST--
commit() of a list commits the offsets as given
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
$consumer = test_consumer(['enable.auto.commit' => 'false']);
$partition = fn (int $p, int $offset = 0) => new RdKafka\TopicPartition($topic, $p, $offset);
$all = [$partition(0), $partition(1), $partition(2)];
test_partitions($consumer->getCommittedOffsets($all, 5000));
$consumer->commit([$partition(0, 7), $partition(2, 0)]);
test_partitions($consumer->getCommittedOffsets($all, 5000));
$consumer->commit([$partition(0, 3)]);
test_partitions($consumer->getCommittedOffsets($all, 5000));
?>
--EXPECT--
topic[0] -1001 0
topic[1] -1001 0
topic[2] -1001 0
topic[0] 7 0
topic[1] -1001 0
topic[2] 0 0
topic[0] 3 0
topic[1] -1001 0
topic[2] 0 0
