--TEST--
Once something was started, offsets of known partitions may be stored; stopping twice is no mistake
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['a', 'b']);
$consumer = new RdKafka\Consumer(test_conf(['group.id' => test_name('group')]));
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, 0);
echo $handle->consume(0, 10000)->payload, "\n";
test_try(fn () => $handle->offsetStore(0, 0));
test_try(fn () => $handle->offsetStore(1, 5));
test_try(fn () => $handle->offsetStore(9, 5));
test_try(fn () => $handle->consumeStop(0));
test_try(fn () => $handle->consumeStop(0));
test_try(fn () => $handle->offsetStore(0, 1));
test_try(fn () => $handle->consume(0, 50));
test_try(fn () => $handle->consume(1, 50));
?>
--EXPECT--
a
returned null
returned null
RdKafka\Exception(-190): Local: Unknown partition
returned null
returned null
returned null
returned null
returned null
