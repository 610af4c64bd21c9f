--TEST--
What a partition that was not started answers
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
test_try(fn () => $handle->consume(0, 50));
test_try(fn () => $handle->consumeBatch(0, 50, 10));
test_try(fn () => $handle->consumeCallback(0, 50, fn () => null));
test_try(fn () => $handle->consumeStop(0));
test_try(fn () => $handle->consume(RD_KAFKA_PARTITION_UA, 50));
?>
--EXPECT--
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
returned -1
RdKafka\Exception(-190): Local: Unknown partition
returned null
