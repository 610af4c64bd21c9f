--TEST--
The widest values a TopicPartition keeps
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach ([[0, 0], [-1, -1], [2147483647, PHP_INT_MAX], [-2147483648, PHP_INT_MIN], [2147483648, 0], [4294967295, 0]] as [$partition, $offset]) {
    $p = new RdKafka\TopicPartition('t', $partition, $offset);
    var_dump($p->getPartition(), $p->getOffset());
    var_dump($p->setPartition($partition)->getPartition() === $p->getPartition());
}
var_dump(strlen((new RdKafka\TopicPartition(str_repeat('x', 100000), 0))->getTopic()));
?>
--EXPECT--
int(0)
int(0)
bool(true)
int(-1)
int(-1)
bool(true)
int(2147483647)
int(9223372036854775807)
bool(true)
int(-2147483648)
int(-9223372036854775808)
bool(true)
int(-2147483648)
int(0)
bool(true)
int(-1)
int(0)
bool(true)
int(100000)
