--TEST--
flush() does not wait for linger.ms
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['linger.ms' => 60000]);
$producer->newTopic($topic)->produce(0, 0, 'x');
$start = hrtime(true);
var_dump($producer->flush(10000), (hrtime(true) - $start) / 1e9 < 5);
?>
--EXPECT--
int(0)
bool(true)
