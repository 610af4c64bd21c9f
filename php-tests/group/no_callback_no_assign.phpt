--TEST--
A rebalance callback that assigns nothing leaves the consumer without partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$called = 0;
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setRebalanceCb(function () use (&$called): void {
    $called++;
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
test_until(function () use (&$called) {
    return $called > 0;
}, fn () => $consumer->consume(100));
echo $consumer->consume(300)->err, ' ', count($consumer->getAssignment()), ' ', $called, "\n";
?>
--EXPECT--
-185 0 1
