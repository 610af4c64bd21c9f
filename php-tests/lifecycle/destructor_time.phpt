--TEST--
An idle connected producer is destroyed at once
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$times = [];
for ($i = 0; $i < 20; $i++) {
    $producer = test_producer();
    $producer->newTopic($name)->produce(0, 0, 'x');
    $producer->flush(10000);
    $started = hrtime(true);
    unset($producer);
    $times[] = (hrtime(true) - $started) / 1e6;
}
sort($times);
var_dump($times[10] < 5, max($times) < 50);
--EXPECT--
bool(true)
bool(true)
