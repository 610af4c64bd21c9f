--TEST--
A drain of a six partition topic reads everything before all ends are told
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(6);
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 6], range(0, 59)));
$consumer = test_consumer(['enable.partition.eof' => 'true']);
$consumer->subscribe([$topic]);
$codes = $ends = [];
$read = 0;
for ($until = microtime(true) + 20; count($ends) < 6 && microtime(true) < $until;) {
    $m = $consumer->consume(100);
    if ($m->err === 0) {
        $read++;
    } elseif ($m->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        $ends[$m->partition] = $m->offset;
    } else {
        $codes[$m->err] = true;
    }
}
ksort($ends);
unset($codes[RD_KAFKA_RESP_ERR__TIMED_OUT]);
echo $read, ' ', json_encode($ends), ' ', json_encode(array_keys($codes)), "\n";
?>
--EXPECT--
60 [10,10,10,10,10,10] []
