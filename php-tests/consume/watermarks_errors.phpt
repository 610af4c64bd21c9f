--TEST--
queryWatermarkOffsets() throws for unknown partitions and unreachable brokers and leaves its variables alone
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$consumer = test_consumer();
$low = 'low';
$high = 'high';
test_try(function () use ($consumer, $topic, &$low, &$high) {
    return $consumer->queryWatermarkOffsets($topic, 7, $low, $high, 5000);
});
test_try(function () use (&$low, &$high) {
    return test_consumer(['bootstrap.servers' => '127.0.0.1:1'])->queryWatermarkOffsets('x', 0, $low, $high, 200);
});
test_try(function () use ($consumer, $topic, &$low, &$high) {
    return $consumer->queryWatermarkOffsets($topic, 0, $low, $high, 0);
});
var_dump($low, $high);
?>
--EXPECT--
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-187): Local: All broker connections are down
RdKafka\Exception(-185): Local: Timed out
string(3) "low"
string(4) "high"
