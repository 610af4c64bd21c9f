--TEST--
A timestamp far in the future is refused by the broker; others arrive as given
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(1, 'test', ['message.timestamp.after.max.ms' => '3600000']);
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo "report $m->err $m->timestamp\n";
});
$topic = $producer->newTopic($name);
$topic->producev(0, 0, 'far', null, null, PHP_INT_MAX);
$producer->flush(10000);
foreach ([1, 1000, 5000000000] as $time) {
    $topic->producev(0, 0, "at $time", null, null, $time);
    $producer->flush(10000);
}
foreach (test_messages($name, 3) as $m) {
    echo "$m->payload $m->timestamp\n";
}
?>
--EXPECT--
report 32 -1
report 0 1
report 0 1000
report 0 5000000000
at 1 1
at 1000 1000
at 5000000000 5000000000
