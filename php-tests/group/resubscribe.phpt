--TEST--
A new subscription replaces the old one
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$first = test_topic();
$second = test_topic();
$names = [$first => 'first', $second => 'second'];
test_produce($first, ['from first']);
test_produce($second, ['from second']);
$consumer = test_consumer();
$consumer->subscribe([$first]);
echo test_consume($consumer, 1)[0]->payload, "\n";
$consumer->subscribe([$second]);
echo test_consume($consumer, 1)[0]->payload, "\n";
test_partitions($consumer->getAssignment(), $names);
$consumer->subscribe([$first, $second]);
test_until(fn () => count($consumer->getAssignment()) === 2, fn () => $consumer->consume(100));
test_partitions($consumer->getAssignment(), $names);
?>
--EXPECT--
from first
from second
second[0] -1000 0
first[0] -1000 0
second[0] -1000 0
