--TEST--
A topic created later that a pattern matches is picked up
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$prefix = test_name('regex');
$a = test_topic(1, "$prefix-a");
test_produce($a, ['in a']);
$consumer = test_consumer(['topic.metadata.refresh.interval.ms' => 500]);
$consumer->subscribe(["^$prefix-.*"]);
echo test_consume($consumer, 1)[0]->payload, "\n";
test_produce(test_topic(1, "$prefix-b"), ['in b']);
echo test_consume($consumer, 1)[0]->payload, "\n";
?>
--EXPECT--
in a
in b
