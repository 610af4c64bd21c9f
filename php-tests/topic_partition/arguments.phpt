--TEST--
Arguments of TopicPartition are coerced and refused as PHP does
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$p = new RdKafka\TopicPartition(123, '4', 5.0);
var_dump($p->getTopic(), $p->getPartition(), $p->getOffset());
foreach ([[], ['x'], [[], 1], ['x', 'y'], ['x', 1, 'z'], ['x', 1, 2, 3], [null, 1]] as $arguments) {
    test_try(fn () => new RdKafka\TopicPartition(...$arguments));
}
foreach (['setTopic', 'setPartition', 'setOffset'] as $method) {
    test_try(fn () => $p->$method());
    test_try(fn () => $p->$method([]));
    test_try(fn () => $p->$method(1, 2));
}
foreach (['getTopic', 'getPartition', 'getOffset', 'getErr'] as $method) {
    test_try(fn () => $p->$method(1));
}
test_try(fn () => $p->setErr(1));
?>
--EXPECTF--
string(3) "123"
int(4)
int(5)
ArgumentCountError(0): RdKafka\TopicPartition::__construct() expects at least 2 arguments, 0 given
ArgumentCountError(0): RdKafka\TopicPartition::__construct() expects at least 2 arguments, 1 given
TypeError(0): RdKafka\TopicPartition::__construct(): Argument #1 ($topic) must be of type string, array given
TypeError(0): RdKafka\TopicPartition::__construct(): Argument #2 ($partition) must be of type int, string given
TypeError(0): RdKafka\TopicPartition::__construct(): Argument #3 ($offset) must be of type int, string given
ArgumentCountError(0): RdKafka\TopicPartition::__construct() expects at most 3 arguments, 4 given

Deprecated: RdKafka\TopicPartition::__construct(): Passing null to parameter #1 ($topic) of type string is deprecated in %s on line %d
returned RdKafka\TopicPartition
ArgumentCountError(0): RdKafka\TopicPartition::setTopic() expects exactly 1 argument, 0 given
TypeError(0): RdKafka\TopicPartition::setTopic(): Argument #1 ($topic_name) must be of type string, array given
ArgumentCountError(0): RdKafka\TopicPartition::setTopic() expects exactly 1 argument, 2 given
ArgumentCountError(0): RdKafka\TopicPartition::setPartition() expects exactly 1 argument, 0 given
TypeError(0): RdKafka\TopicPartition::setPartition(): Argument #1 ($partition) must be of type int, array given
ArgumentCountError(0): RdKafka\TopicPartition::setPartition() expects exactly 1 argument, 2 given
ArgumentCountError(0): RdKafka\TopicPartition::setOffset() expects exactly 1 argument, 0 given
TypeError(0): RdKafka\TopicPartition::setOffset(): Argument #1 ($offset) must be of type int, array given
ArgumentCountError(0): RdKafka\TopicPartition::setOffset() expects exactly 1 argument, 2 given
ArgumentCountError(0): RdKafka\TopicPartition::getTopic() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\TopicPartition::getPartition() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\TopicPartition::getOffset() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\TopicPartition::getErr() expects exactly 0 arguments, 1 given
Error(0): Call to undefined method RdKafka\TopicPartition::setErr()
