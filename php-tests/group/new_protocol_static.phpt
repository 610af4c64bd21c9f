--TEST--
A static member of the new group protocol gets its partitions back; another one under its id is refused
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$group = test_name('group');
$make = function (string $instance) use ($group, $topic): RdKafka\KafkaConsumer {
    $consumer = new RdKafka\KafkaConsumer(test_conf(['group.id' => $group, 'group.protocol' => 'consumer', 'group.instance.id' => $instance, 'auto.offset.reset' => 'earliest']));
    $consumer->subscribe([$topic]);
    return $consumer;
};
$owned = fn (RdKafka\KafkaConsumer $consumer): array => array_map(fn ($p) => $p->getPartition(), $consumer->getAssignment());
$a = $make('a');
test_until(fn () => count($owned($a)) === 2, fn () => $a->consume(50));
$again = $make('a');
$refused = null;
test_until(function () use (&$refused): bool {
    return $refused !== null;
}, function () use ($a, $again, &$refused): void {
    $a->consume(50);
    $m = $again->consume(50);
    if ($m->err !== 0 && $m->err !== RD_KAFKA_RESP_ERR__TIMED_OUT) {
        $refused = $m->err;
    }
});
$again->close();
echo rd_kafka_err2name($refused ?? 0), "\n";
echo implode(' ', $owned($a)), "\n";
$a->close();
$back = $make('a');
test_until(fn () => count($owned($back)) === 2, fn () => $back->consume(50));
echo implode(' ', $owned($back)), "\n";
$back->close();
?>
--EXPECT--
_FATAL
0 1
0 1
