--TEST--
offsetsForTimes() finds the first offset at or after a time
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a', 'timestamp_ms' => 1000000], ['payload' => 'b', 'timestamp_ms' => 2000000], ['payload' => 'c', 'timestamp_ms' => 3000000]]);
$consumer = test_consumer();
foreach ([0, 1, 1000000, 1000001, 2000000, 2999999, 3000000, 3000001] as $time) {
    $found = $consumer->offsetsForTimes([new RdKafka\TopicPartition($topic, 0, $time)], 5000);
    echo "$time: ", $found[0]->getOffset(), ' ', $found[0]->getErr(), "\n";
}
test_partitions($consumer->offsetsForTimes([new RdKafka\TopicPartition($topic, 0, 1500000), new RdKafka\TopicPartition($topic, 1, 1500000)], 5000));
test_partitions(test_producer()->offsetsForTimes([new RdKafka\TopicPartition($topic, 0, 2500000)], 5000));
?>
--EXPECT--
0: 0 0
1: 0 0
1000000: 0 0
1000001: 1 0
2000000: 1 0
2999999: 2 0
3000000: 2 0
3000001: -1 0
topic[0] 1 0
topic[1] -1 0
topic[0] 2 0
