--TEST--
What a partition that nobody knows answers
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
test_try(fn () => $handle->consume(7, 50));
test_try(fn () => $handle->consumeBatch(7, 50, 10));
test_try(fn () => $handle->consumeCallback(7, 50, fn () => null));
test_try(fn () => $handle->consumeStop(7));
test_try(fn () => $handle->offsetStore(7, 1));
test_try(fn () => $handle->consumeStop(RD_KAFKA_PARTITION_UA));
test_try(fn () => $handle->consumeStart(RD_KAFKA_PARTITION_UA, 0));
?>
--EXPECT--
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
returned -1
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-190): Local: Unknown partition
