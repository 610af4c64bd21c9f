--TEST--
The default partitioner sends a key to the same partition each time
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(8);
$found = [];
$producer = test_producer([], function (RdKafka\Message $m) use (&$found): void {
    $found[$m->key][$m->partition] = ($found[$m->key][$m->partition] ?? 0) + 1;
});
$handle = $producer->newTopic($topic);
for ($round = 0; $round < 5; $round++) {
    foreach (['a', 'b', 'c', 'd', 'key', 'another key', '0'] as $key) {
        $handle->produce(RD_KAFKA_PARTITION_UA, 0, 'x', $key);
    }
}
$producer->flush(10000);
ksort($found);
foreach ($found as $key => $partitions) {
    echo "$key: ", json_encode($partitions), "\n";
}
?>
--EXPECT--
0: {"1":5}
a: {"3":5}
another key: {"1":5}
b: {"1":5}
c: {"7":5}
d: {"4":5}
key: {"1":5}
