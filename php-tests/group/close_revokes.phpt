--TEST--
close() runs the rebalance callback, a destructor does not
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
foreach (['close', 'destroy'] as $way) {
    $conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
    $conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions): void {
        echo rd_kafka_err2name($err), "\n";
        $kafka->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
    });
    $consumer = new RdKafka\KafkaConsumer($conf);
    $consumer->subscribe([$topic]);
    test_consume($consumer, 1);
    echo "$way\n";
    $way === 'close' ? $consumer->close() : null;
    unset($consumer);
    echo "done\n";
}
?>
--EXPECT--
_ASSIGN_PARTITIONS
close
_REVOKE_PARTITIONS
done
_ASSIGN_PARTITIONS
destroy
done
