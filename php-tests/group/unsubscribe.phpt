--TEST--
After unsubscribe() nothing more arrives, and the rebalance callback revokes
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['a']);
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
    echo rd_kafka_err2name($err), ' ', count($partitions), "\n";
    $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
echo test_consume($consumer, 1)[0]->payload, "\n";
$consumer->unsubscribe();
test_until(fn () => $consumer->getAssignment() === [], fn () => $consumer->consume(100));
test_produce($topic, ['b']);
var_dump($consumer->consume(300)->err, $consumer->getAssignment(), $consumer->getSubscription());
?>
--EXPECT--
_ASSIGN_PARTITIONS 2
a
_REVOKE_PARTITIONS 2
int(-185)
array(0) {
}
array(0) {
}
