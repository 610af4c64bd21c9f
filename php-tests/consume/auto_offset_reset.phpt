--TEST--
Where a partition without a committed offset starts
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['old']);
foreach (['earliest', 'smallest', 'beginning', 'latest', 'largest', 'end', 'error'] as $reset) {
    $consumer = test_consumer(['auto.offset.reset' => $reset, 'enable.partition.eof' => 'true']);
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, RD_KAFKA_OFFSET_STORED)]);
    $m = test_next($consumer);
    echo "$reset: ", $m->err, ' ', $m->err === -140 ? json_encode([str_replace($topic, 'topic', $m->payload), $m->topic_name === $topic, $m->partition, $m->offset]) : preg_replace('/broker \d+/', 'broker N', $m->payload), "\n";
}
?>
--EXPECT--
earliest: 0 old
smallest: 0 old
beginning: 0 old
latest: -191 Fetch from broker N reached end of partition at offset 1 (HighwaterMark 1)
largest: -191 Fetch from broker N reached end of partition at offset 1 (HighwaterMark 1)
end: -191 Fetch from broker N reached end of partition at offset 1 (HighwaterMark 1)
error: -140 ["no previously committed offset available: Local: No offset stored",true,0,-1001]
