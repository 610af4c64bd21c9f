--TEST--
With LogAppendTime a message carries the broker's time
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(1, 'test', ['message.timestamp.type' => 'LogAppendTime']);
$before = (int) floor(microtime(true) * 1000);
$producer = test_producer([], function (RdKafka\Message $m) use ($before, &$reported): void {
    $reported = $m->timestamp;
});
$producer->newTopic($topic)->producev(0, 0, 'x', null, null, 1000);
$producer->flush(10000);
$after = (int) ceil(microtime(true) * 1000);
$m = test_messages($topic, 1)[0];
var_dump($m->timestamp >= $before && $m->timestamp <= $after, $reported === $m->timestamp);
?>
--EXPECT--
bool(true)
bool(true)
