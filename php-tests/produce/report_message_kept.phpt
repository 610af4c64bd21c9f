--TEST--
A delivery report's message can be kept after the callback
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$kept = [];
$producer = test_producer([], function (RdKafka\Message $m) use (&$kept): void {
    $m->payload .= ' changed';
    $kept[] = $m;
});
$handle = $producer->newTopic($topic);
foreach (['a', 'b', 'c'] as $payload) {
    $handle->producev(0, 0, $payload, "key $payload", ['h' => $payload]);
}
$producer->flush(10000);
unset($handle, $producer);
foreach ($kept as $m) {
    echo "$m->payload $m->key {$m->headers['h']} $m->offset\n";
}
?>
--EXPECT--
a changed key a a 0
b changed key b b 1
c changed key c c 2
