--TEST--
A topic starting with ^ is a pattern
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$prefix = test_name('regex');
$a = test_topic(1, "$prefix-a");
$b = test_topic(2, "$prefix-b");
test_topic(1, "other-$prefix");
test_produce($a, ['in a']);
test_produce($b, ['in b']);
$consumer = test_consumer();
$pattern = '^' . preg_quote($prefix) . '-.*';
$consumer->subscribe([$pattern]);
var_dump($consumer->getSubscription() === [$pattern]);
$read = array_map(fn ($m) => $m->payload, test_consume($consumer, 2));
sort($read);
echo implode(', ', $read), "\n";
test_partitions($consumer->getAssignment(), [$a => 'a', $b => 'b']);
?>
--EXPECT--
bool(true)
in a, in b
a[0] -1000 0
b[0] -1000 0
b[1] -1000 0
