--TEST--
A queue full of bytes is refused with -184
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['queue.buffering.max.kbytes' => 1, 'linger.ms' => 10000]);
$handle = $producer->newTopic($topic);
test_try(fn () => $handle->produce(0, 0, str_repeat('x', 600)));
test_try(fn () => $handle->produce(0, 0, str_repeat('x', 600)));
test_try(fn () => $handle->produce(0, 0, str_repeat('x', 100)));
var_dump($producer->getOutQLen(), $producer->flush(10000));
?>
--EXPECT--
returned null
RdKafka\Exception(-184): Local: Queue full
returned null
int(2)
int(0)
