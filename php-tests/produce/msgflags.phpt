--TEST--
Flags other than 0 and RD_KAFKA_MSG_F_BLOCK are refused
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$handle = $producer->newTopic(test_name());
foreach ([1, 2, 3, 8, RD_KAFKA_MSG_F_BLOCK | 2, -1, PHP_INT_MAX] as $flags) {
    test_try(fn () => $handle->produce(0, $flags, 'x'));
    test_try(fn () => $handle->producev(0, $flags, 'x'));
}
test_try(fn () => $handle->produce(-2, 1, 'x'));
var_dump(RD_KAFKA_MSG_F_BLOCK, $producer->getOutQLen());
?>
--EXPECT--
InvalidArgumentException(0): Invalid value '1' for $msgflags
InvalidArgumentException(0): Invalid value '1' for $msgflags
InvalidArgumentException(0): Invalid value '2' for $msgflags
InvalidArgumentException(0): Invalid value '2' for $msgflags
InvalidArgumentException(0): Invalid value '3' for $msgflags
InvalidArgumentException(0): Invalid value '3' for $msgflags
InvalidArgumentException(0): Invalid value '8' for $msgflags
InvalidArgumentException(0): Invalid value '8' for $msgflags
InvalidArgumentException(0): Invalid value '6' for $msgflags
InvalidArgumentException(0): Invalid value '6' for $msgflags
InvalidArgumentException(0): Invalid value '-1' for $msgflags
InvalidArgumentException(0): Invalid value '-1' for $msgflags
InvalidArgumentException(0): Invalid value '9223372036854775807' for $msgflags
InvalidArgumentException(0): Invalid value '9223372036854775807' for $msgflags
InvalidArgumentException(0): Out of range value '-2' for $partition
int(4)
int(0)
