--TEST--
The ends of partitions come through the queue
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
test_produce($topic, [['payload' => 'a', 'partition' => 1]]);
$consumer = new RdKafka\Consumer(test_conf(['enable.partition.eof' => 'true']));
$queue = $consumer->newQueue();
$handle = $consumer->newTopic($topic);
foreach ([0, 1, 2] as $p) {
    $handle->consumeQueueStart($p, RD_KAFKA_OFFSET_BEGINNING, $queue);
}
$seen = [];
test_until(function () use (&$seen) {
    return count($seen) === 4;
}, function () use ($queue, &$seen): void {
    if ($m = $queue->consume(500)) {
        $seen[] = "$m->partition at $m->offset: " . ($m->err === 0 ? $m->payload : $m->err);
    }
});
sort($seen);
print_r($seen);
?>
--EXPECT--
Array
(
    [0] => 0 at 0: -191
    [1] => 1 at 0: a
    [2] => 1 at 1: -191
    [3] => 2 at 0: -191
)
