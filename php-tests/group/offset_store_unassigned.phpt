--TEST--
offsetStore() for a partition that is not assigned throws
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$consumer = test_consumer(['enable.auto.offset.store' => 'false']);
$handle = $consumer->newTopic($topic);
test_try(fn () => $handle->offsetStore(0, 1));
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
test_until(fn () => count($consumer->getAssignment()) === 1, fn () => $consumer->consume(50));
test_try(fn () => $handle->offsetStore(1, 1));
test_try(fn () => $handle->offsetStore(-1, 1));
test_try(fn () => $handle->offsetStore(0x80000000, 1));
test_try(fn () => $handle->offsetStore(7, 1));
?>
--EXPECT--
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
InvalidArgumentException(0): Out of range value '-1' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
RdKafka\Exception(-190): Local: Unknown partition
