--TEST--
enable.partition.eof tells the end of a partition
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = new RdKafka\Consumer(test_conf(['enable.partition.eof' => 'true']));
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
echo $handle->consume(0, 10000)->payload, "\n";
$end = $handle->consume(0, 10000);
var_dump($end->err, $end->errstr(), $end->offset, $end->partition, $end->topic_name === $topic, $end->headers);
var_dump($handle->consume(0, 100));
?>
--EXPECT--
a
int(-191)
string(24) "Broker: No more messages"
int(1)
int(0)
bool(true)
array(0) {
}
NULL
