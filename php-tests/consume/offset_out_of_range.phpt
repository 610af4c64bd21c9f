--TEST--
An offset out of range is treated as auto.offset.reset says
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
foreach (['earliest', 'latest', 'error'] as $reset) {
    $consumer = test_consumer(['auto.offset.reset' => $reset, 'enable.partition.eof' => 'true']);
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, 1000)]);
    $m = test_next($consumer);
    echo "$reset: error $m->err, offset $m->offset, ", preg_replace('/broker \d+/', 'broker N', $m->payload), "\n";
}
?>
--EXPECT--
earliest: error 0, offset 0, a
latest: error -191, offset 2, Fetch from broker N reached end of partition at offset 2 (HighwaterMark 2)
error: error -140, offset 1000, fetch failed due to requested offset not available on the broker: Broker: Offset out of range (broker N)
