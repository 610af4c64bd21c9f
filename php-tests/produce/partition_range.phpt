--TEST--
A partition out of range is refused with its value
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$handle = $producer->newTopic(test_name());
foreach ([-2, -1001, 0x80000000, PHP_INT_MAX, PHP_INT_MIN] as $partition) {
    test_try(fn () => $handle->produce($partition, 0, 'x'));
    test_try(fn () => $handle->producev($partition, 0, 'x'));
}
var_dump($producer->getOutQLen());
?>
--EXPECT--
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-2' for $partition
InvalidArgumentException(0): Out of range value '-1001' for $partition
InvalidArgumentException(0): Out of range value '-1001' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '2147483648' for $partition
InvalidArgumentException(0): Out of range value '9223372036854775807' for $partition
InvalidArgumentException(0): Out of range value '9223372036854775807' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
InvalidArgumentException(0): Out of range value '-9223372036854775808' for $partition
int(0)
