--TEST--
What a queue's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf(['bootstrap.servers' => '127.0.0.1:1']));
test_wrong_arguments($consumer->newQueue());
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Queue::consume() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Queue::consume() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Queue::consume(): Argument #1 ($timeout_ms) must be of type int, array given
