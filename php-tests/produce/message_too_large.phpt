--TEST--
A message over message.max.bytes is refused at once
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['message.max.bytes' => 2000]);
$handle = $producer->newTopic($topic);
test_try(fn () => $handle->produce(0, 0, str_repeat('x', 3000)));
test_try(fn () => $handle->produce(0, 0, 'payload', str_repeat('k', 3000)));
test_try(fn () => $handle->producev(0, 0, str_repeat('x', 3000), null, ['a' => 'b']));
test_try(fn () => $handle->produce(0, 0, str_repeat('x', 1000)));
var_dump($producer->getOutQLen(), $producer->flush(10000));
?>
--EXPECT--
RdKafka\Exception(10): Broker: Message size too large
RdKafka\Exception(10): Broker: Message size too large
RdKafka\Exception(10): Broker: Message size too large
returned null
int(1)
int(0)
