--TEST--
A KafkaConsumer needs a group.id
--FILE--
<?php
require __DIR__ . '/../_harness.php';
test_try(fn () => new RdKafka\KafkaConsumer(test_conf()));
test_try(fn () => new RdKafka\KafkaConsumer(test_conf(['group.id' => ''])));
test_try(fn () => new RdKafka\KafkaConsumer(new RdKafka\Conf()));
test_try(fn () => new RdKafka\KafkaConsumer());
test_try(fn () => new RdKafka\KafkaConsumer(null));
test_try(fn () => new RdKafka\KafkaConsumer([]));
test_try(fn () => new RdKafka\KafkaConsumer(test_conf(['group.id' => 'x'])));
?>
--EXPECT--
RdKafka\Exception(0): "group.id" must be configured
RdKafka\Exception(0): "group.id" must be configured
RdKafka\Exception(0): "group.id" must be configured
ArgumentCountError(0): RdKafka\KafkaConsumer::__construct() expects exactly 1 argument, 0 given
TypeError(0): RdKafka\KafkaConsumer::__construct(): Argument #1 ($conf) must be of type RdKafka\Conf, null given
TypeError(0): RdKafka\KafkaConsumer::__construct(): Argument #1 ($conf) must be of type RdKafka\Conf, array given
returned RdKafka\KafkaConsumer
