--TEST--
What a legacy consumer topic's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf(['bootstrap.servers' => '127.0.0.1:1']));
test_wrong_arguments($consumer->newTopic('x'));
?>
--EXPECT--
ArgumentCountError(0): RdKafka\ConsumerTopic::consume() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consume() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\ConsumerTopic::consume(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consume(): Argument #2 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeBatch() expects exactly 3 arguments, 2 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeBatch() expects exactly 3 arguments, 4 given
TypeError(0): RdKafka\ConsumerTopic::consumeBatch(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeBatch(): Argument #2 ($timeout_ms) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeBatch(): Argument #3 ($batch_size) must be of type int, array given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeCallback() expects exactly 3 arguments, 2 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeCallback() expects exactly 3 arguments, 4 given
TypeError(0): RdKafka\ConsumerTopic::consumeCallback(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeCallback(): Argument #2 ($timeout_ms) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeCallback(): Argument #3 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeQueueStart() expects exactly 3 arguments, 2 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeQueueStart() expects exactly 3 arguments, 4 given
TypeError(0): RdKafka\ConsumerTopic::consumeQueueStart(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeQueueStart(): Argument #2 ($offset) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeQueueStart(): Argument #3 ($queue) must be of type RdKafka\Queue, stdClass given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeStart() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeStart() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\ConsumerTopic::consumeStart(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::consumeStart(): Argument #2 ($offset) must be of type int, array given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeStop() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\ConsumerTopic::consumeStop() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\ConsumerTopic::consumeStop(): Argument #1 ($partition) must be of type int, array given
ArgumentCountError(0): RdKafka\Topic::getName() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\ConsumerTopic::offsetStore() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ConsumerTopic::offsetStore() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\ConsumerTopic::offsetStore(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ConsumerTopic::offsetStore(): Argument #2 ($offset) must be of type int, array given
