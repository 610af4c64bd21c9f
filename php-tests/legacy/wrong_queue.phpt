--TEST--
consumeQueueStart() takes a Queue only, and any consumer's
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic(test_topic());
test_try(fn () => $handle->consumeQueueStart(0, 0, null));
test_try(fn () => $handle->consumeQueueStart(0, 0, new stdClass()));
test_try(fn () => $handle->consumeQueueStart(0, 0));
?>
--EXPECT--
TypeError(0): RdKafka\ConsumerTopic::consumeQueueStart(): Argument #3 ($queue) must be of type RdKafka\Queue, null given
TypeError(0): RdKafka\ConsumerTopic::consumeQueueStart(): Argument #3 ($queue) must be of type RdKafka\Queue, stdClass given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeQueueStart() expects exactly 3 arguments, 2 given
