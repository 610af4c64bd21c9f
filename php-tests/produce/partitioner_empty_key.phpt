--TEST--
Where messages with an empty key and without a key go
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(16);
$spread = function (string $partitioner, ?string $key) use ($topic): string {
    $seen = [];
    $producer = test_producer(['partitioner' => $partitioner, 'sticky.partitioning.linger.ms' => 0], function (RdKafka\Message $m) use (&$seen): void {
        $seen[$m->partition] = true;
    });
    $handle = $producer->newTopic($topic);
    for ($i = 0; $i < 200; $i++) {
        $handle->produce(RD_KAFKA_PARTITION_UA, 0, 'x', $key);
    }
    $producer->flush(10000);
    return count($seen) === 1 ? 'always ' . key($seen) : (count($seen) > 8 ? 'spread' : 'partly spread');
};
foreach (['random', 'consistent', 'consistent_random', 'murmur2', 'murmur2_random', 'fnv1a', 'fnv1a_random'] as $partitioner) {
    echo $partitioner, ': no key ', $spread($partitioner, null), ', empty key ', $spread($partitioner, ''), "\n";
}
?>
--EXPECT--
random: no key spread, empty key spread
consistent: no key always 0, empty key always 0
consistent_random: no key spread, empty key spread
murmur2: no key always 9, empty key always 9
murmur2_random: no key spread, empty key always 9
fnv1a: no key always 11, empty key always 11
fnv1a_random: no key spread, empty key always 11
