--TEST--
A second consumer makes the first one's callback revoke and assign
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$group = test_name('group');
$conf = test_conf(['group.id' => $group, 'auto.offset.reset' => 'earliest', 'heartbeat.interval.ms' => 200]);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
    echo rd_kafka_err2name($err), ' ', count($partitions), "\n";
    $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
});
$a = new RdKafka\KafkaConsumer($conf);
$a->subscribe([$topic]);
test_until(fn () => count($a->getAssignment()) === 4, fn () => $a->consume(100));
$b = test_consumer(['group.id' => $group]);
$b->subscribe([$topic]);
test_until(fn () => count($a->getAssignment()) === 2 && count($b->getAssignment()) === 2, function () use ($a, $b): void {
    $a->consume(50);
    $b->consume(50);
});
echo "b joined\n";
$b->close();
test_until(fn () => count($a->getAssignment()) === 4, fn () => $a->consume(100));
echo "b left\n";
$a->close();
?>
--EXPECT--
_ASSIGN_PARTITIONS 4
_REVOKE_PARTITIONS 4
_ASSIGN_PARTITIONS 2
b joined
_REVOKE_PARTITIONS 2
_ASSIGN_PARTITIONS 4
b left
_REVOKE_PARTITIONS 4
