--TEST--
By the new group protocol (KIP-848) partitions move in steps, and offsets are committed in between
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$group = test_name('group');
$log = [];
$make = function (string $name) use ($group, &$log): RdKafka\KafkaConsumer {
    $conf = test_conf(['group.id' => $group, 'group.protocol' => 'consumer', 'auto.offset.reset' => 'earliest', 'enable.auto.commit' => 'false']);
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
$seen = [];
$step = function (RdKafka\KafkaConsumer ...$consumers) use (&$seen): void {
    foreach ($consumers as $consumer) {
        $m = $consumer->consume(50);
        if ($m->err === 0) {
            $seen[$m->payload] = ($seen[$m->payload] ?? 0) + 1;
            $consumer->commit($m);
        }
    }
};
$read = function (int $count) use (&$seen): Closure {
    return function () use ($count, &$seen): bool {
        return count($seen) === $count;
    };
};
$produce = fn (int $from, int $to) => test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range($from, $to)));
$a = $make('a');
$a->subscribe([$topic]);
$produce(0, 19);
test_until($read(20), fn () => $step($a));
$b = $make('b');
$b->subscribe([$topic]);
test_until(fn () => count($a->getAssignment()) === 2 && count($b->getAssignment()) === 2, fn () => $step($a, $b), 40);
$produce(20, 39);
test_until($read(40), fn () => $step($a, $b));
$b->close();
test_until(fn () => count($a->getAssignment()) === 4, fn () => $step($a), 40);
$produce(40, 59);
test_until($read(60), fn () => $step($a));
$a->close();
echo count($seen), ' records, each read ', implode(' or ', array_unique($seen)), " time\n";
foreach ($log as $name => $lines) {
    echo $name, ': ', implode(', ', $lines), "\n";
}
$asked = test_consumer(['group.id' => $group])->getCommittedOffsets(array_map(fn ($p) => new RdKafka\TopicPartition($topic, $p), range(0, 3)), 10000);
echo implode(' ', array_map(fn ($p) => $p->getOffset(), $asked)), "\n";
?>
--EXPECT--
60 records, each read 1 time
a: _ASSIGN_PARTITIONS 4, _REVOKE_PARTITIONS 2, _ASSIGN_PARTITIONS 2, _REVOKE_PARTITIONS 4
b: _ASSIGN_PARTITIONS 2, _REVOKE_PARTITIONS 2
15 15 15 15
