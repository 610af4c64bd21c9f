--TEST--
Starting a partition twice is refused, stopping and starting again is not
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$mask = function (callable $call) use ($topic): void {
    ob_start();
    test_try($call);
    echo str_replace($topic, 'topic', ob_get_clean());
};
$mask(fn () => $handle->consumeStart(0, 0));
$mask(fn () => $handle->consumeStart(0, 0));
$mask(fn () => $handle->consumeStart(0, RD_KAFKA_OFFSET_END));
$mask(fn () => $consumer->newTopic($topic)->consumeStart(0, 0));
$mask(fn () => $handle->consumeQueueStart(0, 0, $consumer->newQueue()));
$mask(fn () => $handle->consumeStart(1, 0));
$mask(fn () => $handle->consumeStop(0));
$mask(fn () => $handle->consumeStart(0, 0));
$mask(fn () => $handle->consumeStop(0));
$mask(fn () => $handle->consumeStop(1));
?>
--EXPECT--
returned null
RdKafka\Exception(0): topic:0 is already being consumed by the same Consumer instance
RdKafka\Exception(0): topic:0 is already being consumed by the same Consumer instance
RdKafka\Exception(0): topic:0 is already being consumed by the same Consumer instance
RdKafka\Exception(0): topic:0 is already being consumed by the same Consumer instance
returned null
returned null
returned null
returned null
returned null
