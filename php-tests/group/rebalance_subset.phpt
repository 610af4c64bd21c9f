--TEST--
The rebalance callback may assign other partitions than it was given
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
test_produce($topic, array_map(fn ($i) => ['payload' => "p$i", 'partition' => $i], range(0, 2)));
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
    echo rd_kafka_err2name($err), ' ', count($partitions), "\n";
    $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? array_filter($partitions, fn ($p) => $p->getPartition() === 1) : null);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
echo implode(' ', array_map(fn ($m) => $m->payload, test_consume($consumer, 2, 3))), "\n";
test_partitions($consumer->getAssignment());
?>
--EXPECT--
_ASSIGN_PARTITIONS 3
p1
topic[1] -1000 0
