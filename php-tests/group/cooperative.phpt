--TEST--
With the cooperative strategy the callback assigns and unassigns in steps
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$group = test_name('group');
$log = [];
$make = function (string $name) use ($group, &$log): RdKafka\KafkaConsumer {
    $conf = test_conf(['group.id' => $group, 'auto.offset.reset' => 'earliest', 'heartbeat.interval.ms' => 200, 'partition.assignment.strategy' => 'cooperative-sticky']);
    $conf->setRebalanceCb(function (RdKafka\KafkaConsumer $kafka, int $err, array $partitions) use ($name, &$log): void {
        if ($partitions !== []) {
            $log[$name][] = rd_kafka_err2name($err) . ' ' . count($partitions);
        }
        if ($err === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            $kafka->incrementalAssign($partitions);
        } else {
            $kafka->incrementalUnassign($partitions);
        }
    });
    return new RdKafka\KafkaConsumer($conf);
};
$a = $make('a');
$a->subscribe([$topic]);
test_until(fn () => count($a->getAssignment()) === 4, fn () => $a->consume(100));
$b = $make('b');
$b->subscribe([$topic]);
test_until(fn () => count($a->getAssignment()) === 2 && count($b->getAssignment()) === 2, function () use ($a, $b): void {
    $a->consume(50);
    $b->consume(50);
});
$b->close();
test_until(fn () => count($a->getAssignment()) === 4, fn () => $a->consume(100));
$a->close();
foreach ($log as $name => $lines) {
    echo $name, ': ', implode(', ', $lines), "\n";
}
?>
--EXPECT--
a: _ASSIGN_PARTITIONS 4, _REVOKE_PARTITIONS 2, _ASSIGN_PARTITIONS 2, _REVOKE_PARTITIONS 4
b: _ASSIGN_PARTITIONS 2, _REVOKE_PARTITIONS 2
