--TEST--
An explicit partition wins over the partitioner
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
$producer = test_producer([], function (RdKafka\Message $m) use (&$seen): void {
    $seen[] = "$m->payload->$m->partition";
});
$handle = $producer->newTopic($topic);
foreach ([2, 0, 1, 2] as $partition) {
    $handle->produce($partition, 0, (string) $partition, 'the same key');
}
$producer->flush(10000);
sort($seen);
echo implode(' ', $seen), "\n";
?>
--EXPECT--
0->0 1->1 2->2 2->2
