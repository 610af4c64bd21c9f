--TEST--
An exception in a rebalance callback leaves consume(), and the next consume() goes on
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
    $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
    if ($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        throw new LogicException('from the rebalance callback');
    }
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
try {
    test_consume($consumer, 1);
    echo "nothing thrown\n";
} catch (LogicException $e) {
    echo $e->getMessage(), "\n";
}
test_produce($topic, ['b']);
$payload = null;
test_until(function () use (&$payload) {
    return $payload === 'b';
}, function () use ($consumer, &$payload): void {
    $payload = $consumer->consume(200)->payload ?? $payload;
});
echo $payload, "\n";
?>
--EXPECT--
from the rebalance callback
b
