--TEST--
Partitions out of range are refused with their value
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic(test_name());
$queue = $consumer->newQueue();
foreach ([-2, 0x80000000, PHP_INT_MIN] as $p) {
    test_try(fn () => $handle->consumeStart($p, 0));
    test_try(fn () => $handle->consumeStop($p));
    test_try(fn () => $handle->consume($p, 0));
    test_try(fn () => $handle->consumeBatch($p, 0, 1));
    test_try(fn () => $handle->consumeCallback($p, 0, 'strlen'));
    test_try(fn () => $handle->consumeQueueStart($p, 0, $queue));
    test_try(fn () => $handle->offsetStore($p, 0));
}
test_try(fn () => $handle->consumeCallback(RD_KAFKA_PARTITION_UA, 0, 'strlen'));
test_try(fn () => $handle->offsetStore(RD_KAFKA_PARTITION_UA, 0));
?>
--EXPECT--
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-1' for $partition
InvalidArgumentException(0): Out of range value '-1' for $partition
