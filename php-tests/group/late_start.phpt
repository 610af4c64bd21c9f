--TEST--
A group without offsets starts at the end with auto.offset.reset latest
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['old']);
$consumer = test_consumer(['auto.offset.reset' => 'latest', 'enable.partition.eof' => 'true']);
$consumer->subscribe([$topic]);
echo test_next($consumer)->err, "\n";
test_produce($topic, ['new']);
echo test_next($consumer)->payload, "\n";
?>
--EXPECT--
-191
new
