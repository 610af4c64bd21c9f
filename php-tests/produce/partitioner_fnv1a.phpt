--TEST--
The fnv1a partitioners put known keys on known partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(16);
foreach (['fnv1a', 'fnv1a_random'] as $name) {
    $found = [];
    $producer = test_producer(['partitioner' => $name], function (RdKafka\Message $m) use (&$found): void {
        $found[] = "$m->key=$m->partition";
    });
    $handle = $producer->newTopic($topic);
    foreach (['kafka', 'giberish123456789', '1234', '234', 'user-42', 'ünïcode'] as $key) {
        $handle->produce(RD_KAFKA_PARTITION_UA, 0, 'x', $key);
        $producer->flush(10000);
    }
    echo $name, ': ', implode(' ', $found), "\n";
}
?>
--EXPECT--
fnv1a: kafka=1 giberish123456789=5 1234=3 234=2 user-42=11 ünïcode=11
fnv1a_random: kafka=1 giberish123456789=5 1234=3 234=2 user-42=11 ünïcode=11
