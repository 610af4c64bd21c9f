--TEST--
A handler slower than session.timeout.ms keeps its membership, and what it read can be committed
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$rebalances = 0;
$conf = test_conf([
    'group.id' => test_name('group'),
    'auto.offset.reset' => 'earliest',
    'enable.auto.commit' => 'false',
    'session.timeout.ms' => 6000,
    'heartbeat.interval.ms' => 500,
    'max.poll.interval.ms' => 60000,
]);
$conf->setRebalanceCb(function (RdKafka\KafkaConsumer $consumer, int $err, array $partitions) use (&$rebalances): void {
    $rebalances++;
    $consumer->assign($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
[$first] = test_consume($consumer, 1);
usleep(7_500_000); // the handler
$consumer->commit($first);
[$second] = test_consume($consumer, 1);
echo "$first->payload $second->payload, $rebalances rebalance\n";
?>
--EXPECT--
a b, 1 rebalance
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
