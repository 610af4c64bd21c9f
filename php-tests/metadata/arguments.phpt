--TEST--
What getMetadata() refuses
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
test_try(fn () => $producer->getMetadata());
test_try(fn () => $producer->getMetadata(true, null));
test_try(fn () => $producer->getMetadata(true, 'topic', 100));
test_try(fn () => $producer->getMetadata(true, null, 'x'));
test_try(fn () => $producer->getMetadata([], null, 100));
test_try(fn () => $producer->getMetadata(true, null, 100, 1));
test_try(fn () => $producer->getMetadata(true, (new ReflectionClass('RdKafka\ProducerTopic'))->newInstanceWithoutConstructor(), 100));
test_try(fn () => test_consumer()->getMetadata(true));
test_try(fn () => $producer->getControllerId());
?>
--EXPECT--
ArgumentCountError(0): RdKafka::getMetadata() expects exactly 3 arguments, 0 given
ArgumentCountError(0): RdKafka::getMetadata() expects exactly 3 arguments, 2 given
TypeError(0): RdKafka::getMetadata(): Argument #2 ($only_topic) must be of type ?RdKafka\Topic, string given
TypeError(0): RdKafka::getMetadata(): Argument #3 ($timeout_ms) must be of type int, string given
TypeError(0): RdKafka::getMetadata(): Argument #1 ($all_topics) must be of type bool, array given
ArgumentCountError(0): RdKafka::getMetadata() expects exactly 3 arguments, 4 given
Exception(0): RdKafka\Topic::__construct() has not been called
ArgumentCountError(0): RdKafka\KafkaConsumer::getMetadata() expects exactly 3 arguments, 1 given
ArgumentCountError(0): RdKafka::getControllerId() expects exactly 1 argument, 0 given
