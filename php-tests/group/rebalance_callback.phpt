--TEST--
The rebalance callback gets the consumer, the code and the partitions
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['a']);
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setRebalanceCb(function (...$arguments) use (&$consumer): void {
    [$kafka, $err, $partitions] = $arguments;
    echo count($arguments), ' ', var_export($kafka === $consumer, true), ' ', rd_kafka_err2name($err), ' ', rd_kafka_err2str($err), "\n";
    test_partitions($partitions);
    $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
echo test_consume($consumer, 1)[0]->payload, "\n";
test_partitions($consumer->getAssignment());
$consumer->close();
echo "closed\n";
?>
--EXPECT--
3 true _ASSIGN_PARTITIONS Local: Assign partitions
topic[0] -1001 0
topic[1] -1001 0
a
topic[0] -1000 0
topic[1] -1000 0
3 true _REVOKE_PARTITIONS Local: Revoke partitions
topic[0] -1001 0
topic[1] -1001 0
closed
