--TEST--
What a group consumer topic's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer(['bootstrap.servers' => '127.0.0.1:1']);
test_wrong_arguments($consumer->newTopic('x'));
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Topic::getName() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumerTopic::offsetStore() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumerTopic::offsetStore() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\KafkaConsumerTopic::offsetStore(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\KafkaConsumerTopic::offsetStore(): Argument #2 ($offset) must be of type int, array given
