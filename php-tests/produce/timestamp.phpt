--TEST--
A timestamp is taken in milliseconds; none, null and zero mean now
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$reports = [];
$producer = test_producer([], function (RdKafka\Message $m) use (&$reports): void {
    $reports[] = $m->timestamp;
});
$handle = $producer->newTopic($topic);
$before = (int) floor(microtime(true) * 1000);
$handle->producev(0, 0, 'given', null, null, 1234567890123);
$handle->producev(0, 0, 'one', null, null, 1);
$handle->producev(0, 0, 'none');
$handle->producev(0, 0, 'null', null, null, null);
$handle->producev(0, 0, 'zero', null, null, 0);
$handle->produce(0, 0, 'produce');
$producer->flush(10000);
$after = (int) ceil(microtime(true) * 1000);
foreach (test_messages($topic, 6) as $i => $m) {
    $now = $m->timestamp >= $before && $m->timestamp <= $after;
    echo $m->payload, ': ', $now ? 'now' : $m->timestamp, ', ', $reports[$i] === $m->timestamp ? 'reported' : "reported as $reports[$i]", "\n";
}
?>
--EXPECT--
given: 1234567890123, reported
one: 1, reported
none: now, reported
null: now, reported
zero: now, reported
produce: now, reported
