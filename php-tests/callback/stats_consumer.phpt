--TEST--
A group consumer's statistics tell its group and positions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b', 'c']);
$last = null;
$conf = test_conf(['statistics.interval.ms' => 50, 'group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setStatsCb(function (RdKafka\KafkaConsumer $kafka, string $json) use (&$last): void {
    $last = json_decode($json, true);
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
test_consume($consumer, 3);
test_until(function () use (&$last, $topic) {
    return ($last['topics'][$topic]['partitions'][0]['app_offset'] ?? null) === 3;
}, fn () => $consumer->consume(50));
echo implode(' ', array_keys($last['cgrp'])), "\n";
echo json_encode([$last['type'], $last['rxmsgs'], $last['cgrp']['state'], $last['cgrp']['join_state'], $last['cgrp']['assignment_size']]), "\n";
$p = $last['topics'][$topic]['partitions'][0];
echo json_encode([$p['fetch_state'], $p['app_offset'], $p['lo_offset'], $p['hi_offset'], $p['rxmsgs']]), "\n";
?>
--EXPECT--
state stateage join_state rebalance_age rebalance_cnt rebalance_reason assignment_size
["consumer",3,"up","steady",1]
["active",3,0,3,3]
