--TEST--
A start that was refused leaves the partition free to be started
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
foreach ([-3, -1001, -1999, RD_KAFKA_OFFSET_STORED] as $offset) {
    test_try(fn () => $handle->consumeStart(0, $offset));
}
test_try(fn () => $handle->consumeStart(-2, 0));
test_try(fn () => $handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING));
echo $handle->consume(0, 10000)->payload, "\n";
test_try(fn () => $handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING) ?? 'started');
?>
--EXPECTF--
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
InvalidArgumentException(0): Out of range value '-2' for $partition
returned null
a
RdKafka\Exception(0): %s:0 is already being consumed by the same Consumer instance
