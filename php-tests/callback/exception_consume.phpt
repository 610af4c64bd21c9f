--TEST--
An exception in consumeCallback()'s callback leaves consumeCallback()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$message = null;
test_until(function () use (&$message) {
    return $message !== null;
}, function () use ($handle, &$message): void {
    try {
        $handle->consumeCallback(0, 500, function (RdKafka\Message $m): void {
            throw new RuntimeException("about $m->payload");
        });
    } catch (RuntimeException $e) {
        $message = $e->getMessage();
    }
});
echo $message, "\n";
test_produce($topic, ['b']);
echo $handle->consume(0, 10000)->payload, "\n";
?>
--EXPECT--
about a
b
