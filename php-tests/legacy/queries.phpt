--TEST--
A legacy consumer asks for metadata, watermarks and times
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a', 'timestamp_ms' => 1000], ['payload' => 'b', 'timestamp_ms' => 2000]]);
$consumer = new RdKafka\Consumer(test_conf());
$consumer->queryWatermarkOffsets($topic, 0, $low, $high, 5000);
var_dump($low, $high);
test_partitions($consumer->offsetsForTimes([new RdKafka\TopicPartition($topic, 0, 1500)], 5000));
var_dump($consumer->getControllerId(5000) >= 0, $consumer->getOutQLen(), $consumer->poll(0), $consumer->flush(0));
$handle = $consumer->newTopic($topic);
foreach ($consumer->getMetadata(false, $handle, 5000)->getTopics() as $t) {
    var_dump($t->getTopic() === $topic, count($t->getPartitions()));
}
?>
--EXPECT--
int(0)
int(2)
topic[0] 1 0
bool(true)
int(0)
int(0)
int(-170)
bool(true)
int(2)
