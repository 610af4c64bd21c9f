--TEST--
A partition that is known and was not started has nothing to give, and nothing to stop
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$consumer->getMetadata(false, $handle, 5000);
// Known a moment later: then a store is a matter of state, not of an unknown partition.
test_until(function () use ($handle): bool {
    try {
        $handle->offsetStore(0, 1);
    } catch (RdKafka\Exception $e) {
        return $e->getCode() === RD_KAFKA_RESP_ERR__STATE;
    }
    return false;
}, fn () => $consumer->poll(10));
test_try(fn () => $handle->offsetStore(0, 1));
test_try(fn () => $handle->consume(0, 50));
test_try(fn () => $handle->consumeBatch(0, 50, 10));
test_try(fn () => $handle->consumeCallback(0, 50, fn () => null));
test_try(fn () => $handle->consumeStop(0));
test_try(fn () => $handle->consume(RD_KAFKA_PARTITION_UA, 50));
?>
--EXPECT--
RdKafka\Exception(-172): Local: Erroneous state
returned null
returned []
returned 0
returned null
returned null
