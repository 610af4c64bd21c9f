--TEST--
Two producers of one process do not mix their reports
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$a = test_producer([], function (RdKafka\Message $m): void {
    echo "a: $m->payload\n";
});
$b = test_producer([], function (RdKafka\Message $m): void {
    echo "b: $m->payload\n";
});
$toA = $a->newTopic($topic);
$toB = $b->newTopic($topic);
$toA->produce(0, 0, '1');
$toB->produce(0, 0, '2');
$toA->produce(0, 0, '3');
var_dump($a->flush(10000), $b->flush(10000), $a->flush(10000));
?>
--EXPECT--
a: 1
a: 3
b: 2
int(0)
int(0)
int(0)
