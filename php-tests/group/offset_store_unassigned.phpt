--TEST--
offsetStore() for a partition that is not assigned throws
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$consumer = test_consumer(['enable.auto.offset.store' => 'false']);
$handle = $consumer->newTopic($topic);
$store = function (int $partition) use ($handle): int {
    try {
        $handle->offsetStore($partition, 1);
    } catch (RdKafka\Exception $e) {
        return $e->getCode();
    }
    return 0;
};
// -190 as long as metadata does not know the topic, -172 from then on.
test_until(fn () => $store(0) === RD_KAFKA_RESP_ERR__STATE, fn () => $consumer->consume(50));
test_try(fn () => $handle->offsetStore(0, 1));
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
test_until(fn () => count($consumer->getAssignment()) === 1, fn () => $consumer->consume(50));
test_try(fn () => $handle->offsetStore(0, 1));
test_try(fn () => $handle->offsetStore(1, 1));
test_try(fn () => $handle->offsetStore(-1, 1));
test_try(fn () => $handle->offsetStore(0x80000000, 1));
test_try(fn () => $handle->offsetStore(7, 1));
?>
--EXPECT--
RdKafka\Exception(-172): Local: Erroneous state
returned null
RdKafka\Exception(-172): Local: Erroneous state
InvalidArgumentException(0): Out of range value '-1' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
RdKafka\Exception(-190): Local: Unknown partition
