--TEST--
Partitioners put known keys on known partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$vectors = [
    ['354afe16-939a-4ea8-8e17-8bb0840b6886', 10],
    ['f562ac3b-2224-4e25-a0ab-56094e10c239', 10],
    ['TT0124', 15],
    ['fd7af248-ce5c-46a5-93d7-1c0c9005b99d', 32],
];
$topics = [];
foreach ($vectors as [$key, $partitions]) {
    $topics[$partitions] ??= test_topic($partitions);
}
$partitioners = [
    'consistent' => RD_KAFKA_MSG_PARTITIONER_CONSISTENT,
    'consistent_random' => RD_KAFKA_MSG_PARTITIONER_CONSISTENT_RANDOM,
    'murmur2' => RD_KAFKA_MSG_PARTITIONER_MURMUR2,
    'murmur2_random' => RD_KAFKA_MSG_PARTITIONER_MURMUR2_RANDOM,
];
foreach ($partitioners as $name => $constant) {
    foreach (['setPartitioner', 'topic conf', 'conf'] as $way) {
        $conf = new RdKafka\TopicConf();
        if ($way === 'setPartitioner') {
            $conf->setPartitioner($constant);
        } elseif ($way === 'topic conf') {
            $conf->set('partitioner', $name);
        } else {
            $conf = null;
        }
        $found = [];
        $producer = test_producer($way === 'conf' ? ['partitioner' => $name] : [], function (RdKafka\Message $m) use (&$found): void {
            $found[(int) $m->opaque] = $m->partition;
        });
        foreach ($vectors as $i => [$key, $partitions]) {
            $producer->newTopic($topics[$partitions], $conf)->produce(RD_KAFKA_PARTITION_UA, 0, 'x', $key, "$i");
        }
        $producer->flush(10000);
        ksort($found);
        echo "$name by $way: ", implode(' ', $found), "\n";
    }
}
?>
--EXPECT--
consistent by setPartitioner: 9 6 9 23
consistent by topic conf: 9 6 9 23
consistent by conf: 9 6 9 23
consistent_random by setPartitioner: 9 6 9 23
consistent_random by topic conf: 9 6 9 23
consistent_random by conf: 9 6 9 23
murmur2 by setPartitioner: 4 5 10 26
murmur2 by topic conf: 4 5 10 26
murmur2 by conf: 4 5 10 26
murmur2_random by setPartitioner: 4 5 10 26
murmur2_random by topic conf: 4 5 10 26
murmur2_random by conf: 4 5 10 26
