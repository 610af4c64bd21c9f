--TEST--
Offsets given to assign() in the rebalance callback are where reading starts
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, [['payload' => 'a0'], ['payload' => 'a1'], ['payload' => 'a2'], ['payload' => 'b0', 'partition' => 1], ['payload' => 'b1', 'partition' => 1]]);
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'latest']);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
    if ($err !== RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        $kafka->assign(null);
        return;
    }
    foreach ($partitions as $p) {
        $p->setOffset($p->getPartition() === 0 ? 1 : rd_kafka_offset_tail(1));
    }
    $kafka->assign($partitions);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
$read = array_map(fn ($m) => $m->payload, test_consume($consumer, 3));
sort($read);
echo implode(' ', $read), "\n";
?>
--EXPECT--
a1 a2 b1
