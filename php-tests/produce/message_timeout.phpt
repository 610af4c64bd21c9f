--TEST--
A message that cannot be sent is reported with -192 when its time is up
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$reports = [];
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1', 'message.timeout.ms' => 200], function (RdKafka\Message $m) use (&$reports): void {
    $reports[] = "$m->payload: $m->err " . $m->errstr() . " partition $m->partition offset $m->offset $m->opaque";
});
$handle = $producer->newTopic(test_name());
$handle->produce(0, 0, 'to a partition', null, 'one');
$handle->produce(RD_KAFKA_PARTITION_UA, 0, 'to any', null, 'two');
var_dump($producer->flush(10000), $producer->getOutQLen());
sort($reports);
print_r($reports);
?>
--EXPECT--
int(0)
int(0)
Array
(
    [0] => to a partition: -192 Local: Message timed out partition 0 offset -1001 one
    [1] => to any: -192 Local: Message timed out partition -1 offset -1001 two
)
