--TEST--
A legacy consumer's constructor takes a Conf or nothing
--FILE--
<?php
require __DIR__ . '/../_harness.php';
var_dump((new RdKafka\Consumer(test_conf())) instanceof RdKafka);
test_try(fn () => new RdKafka\Consumer(new RdKafka\TopicConf()));
test_try(fn () => new RdKafka\Consumer('x'));
test_try(fn () => new RdKafka\Consumer(null, null));
?>
--EXPECT--
bool(true)
TypeError(0): RdKafka\Consumer::__construct(): Argument #1 ($conf) must be of type ?RdKafka\Conf, RdKafka\TopicConf given
TypeError(0): RdKafka\Consumer::__construct(): Argument #1 ($conf) must be of type ?RdKafka\Conf, string given
ArgumentCountError(0): RdKafka\Consumer::__construct() expects at most 1 argument, 2 given
