--TEST--
Partitions of one topic are consumed independently
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a0'], ['payload' => 'a1'], ['payload' => 'b0', 'partition' => 1]]);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$handle->consumeStart(1, RD_KAFKA_OFFSET_BEGINNING);
echo $handle->consume(1, 10000)->payload, ' ', $handle->consume(0, 10000)->payload, ' ', $handle->consume(0, 10000)->payload, "\n";
$handle->consumeStop(0);
test_produce($topic, [['payload' => 'b1', 'partition' => 1]]);
echo $handle->consume(1, 10000)->payload, "\n";
test_try(fn () => $handle->consume(0, 50));
?>
--EXPECT--
b0 a0 a1
b1
returned null
