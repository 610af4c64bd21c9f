--TEST--
After being thrown out of the group a commit fails, and the consumer goes on
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$group = test_name('group');
$a = test_consumer(['group.id' => $group, 'enable.auto.commit' => 'false']);
$a->subscribe([$topic]);
$m = test_consume($a, 1)[0];
$a->unsubscribe();
test_until(fn () => $a->getAssignment() === [], fn () => $a->consume(100));
test_try(fn () => $a->commit());
test_try(fn () => $a->commit($m));
test_partitions($a->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
$a->subscribe([$topic]);
echo test_consume($a, 1)[0]->payload, "\n";
?>
--EXPECT--
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(25): Broker: Unknown member
topic[0] -1001 0
a
