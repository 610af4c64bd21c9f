--TEST--
After close() every call throws
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
var_dump($consumer->close());
foreach (['close', 'getAssignment', 'getSubscription', 'unsubscribe', 'assign', 'commit', 'commitAsync'] as $method) {
    test_try(fn () => $consumer->$method());
}
test_try(fn () => $consumer->consume(0));
test_try(fn () => $consumer->subscribe(['x']));
test_try(fn () => $consumer->newTopic('x'));
test_try(fn () => $consumer->getMetadata(true, null, 100));
test_try(fn () => $consumer->pausePartitions([]));
?>
--EXPECT--
NULL
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
