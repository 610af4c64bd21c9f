--TEST--
What a producer topic's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1']);
test_wrong_arguments($producer->newTopic('x'));
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Topic::getName() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\ProducerTopic::produce() expects at least 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ProducerTopic::produce() expects at most 5 arguments, 6 given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #2 ($msgflags) must be of type int, array given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #3 ($payload) must be of type ?string, array given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #4 ($key) must be of type ?string, array given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #5 ($msg_opaque) must be of type ?string, array given
ArgumentCountError(0): RdKafka\ProducerTopic::producev() expects at least 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ProducerTopic::producev() expects at most 7 arguments, 8 given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #1 ($partition) must be of type int, array given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #2 ($msgflags) must be of type int, array given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #3 ($payload) must be of type ?string, array given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #4 ($key) must be of type ?string, array given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #5 ($headers) must be of type ?array, string given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #6 ($timestamp_ms) must be of type ?int, array given
TypeError(0): RdKafka\ProducerTopic::producev(): Argument #7 ($msg_opaque) must be of type ?string, array given
