--TEST--
A producer's constructor takes a Conf or nothing
--FILE--
<?php
require __DIR__ . '/../_harness.php';
var_dump(test_producer() instanceof RdKafka);
test_try(fn () => new RdKafka\Producer(new RdKafka\TopicConf()));
test_try(fn () => new RdKafka\Producer([]));
test_try(fn () => new RdKafka\Producer('127.0.0.1'));
test_try(fn () => new RdKafka\Producer(null, null));
?>
--EXPECT--
bool(true)
TypeError(0): RdKafka\Producer::__construct(): Argument #1 ($conf) must be of type ?RdKafka\Conf, RdKafka\TopicConf given
TypeError(0): RdKafka\Producer::__construct(): Argument #1 ($conf) must be of type ?RdKafka\Conf, array given
TypeError(0): RdKafka\Producer::__construct(): Argument #1 ($conf) must be of type ?RdKafka\Conf, string given
ArgumentCountError(0): RdKafka\Producer::__construct() expects at most 1 argument, 2 given
