--TEST--
Each partition's end is told once
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(6);
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range(0, 19)));
$consumer = test_consumer(['enable.partition.eof' => 'true']);
$consumer->assign(array_map(fn ($p) => new RdKafka\TopicPartition($topic, $p, 0), range(0, 5)));
$ends = [];
$read = 0;
test_until(function () use (&$ends) {
    return count($ends) >= 6;
}, function () use ($consumer, &$ends, &$read): void {
    $m = $consumer->consume(500);
    if ($m->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        $ends[] = "$m->partition at $m->offset";
    } elseif ($m->err === 0) {
        $read++;
    }
});
for ($i = 0; $i < 3; $i++) {
    $err = $consumer->consume(100)->err;
    $err === -185 || print("unexpected $err\n");
}
sort($ends);
echo $read, ' read; ', implode(', ', $ends), "\n";
?>
--EXPECT--
20 read; 0 at 5, 1 at 5, 2 at 5, 3 at 5, 4 at 0, 5 at 0
