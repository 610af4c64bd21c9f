--TEST--
A batch the broker finds too large is reported with code 10
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(1, 'test', ['max.message.bytes' => '1000']);
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo $m->err, ' ', rd_kafka_err2name($m->err), ' ', strlen($m->payload), ' offset ', $m->offset, "\n";
});
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, str_repeat('x', 2000));
var_dump($producer->flush(10000));
$handle->produce(0, 0, str_repeat('x', 500));
var_dump($producer->flush(10000));
?>
--EXPECT--
10 MSG_SIZE_TOO_LARGE 2000 offset -1
int(0)
0 NO_ERROR 500 offset 0
int(0)
