--TEST--
The random partitioner spreads a key over all partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$conf = new RdKafka\TopicConf();
$conf->setPartitioner(RD_KAFKA_MSG_PARTITIONER_RANDOM);
$seen = [];
$producer = test_producer([], function (RdKafka\Message $m) use (&$seen): void {
    $seen[$m->partition] = ($seen[$m->partition] ?? 0) + 1;
});
$handle = $producer->newTopic($topic, $conf);
for ($i = 0; $i < 400; $i++) {
    $handle->produce(RD_KAFKA_PARTITION_UA, 0, 'x', 'the same key');
}
$producer->flush(10000);
ksort($seen);
var_dump(array_keys($seen), array_sum($seen), min($seen) > 40);
?>
--EXPECT--
array(4) {
  [0]=>
  int(0)
  [1]=>
  int(1)
  [2]=>
  int(2)
  [3]=>
  int(3)
}
int(400)
bool(true)
