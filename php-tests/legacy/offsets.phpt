--TEST--
Where consumeStart() begins
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3', '4']);
$consumer = new RdKafka\Consumer(test_conf(['enable.partition.eof' => 'true', 'fetch.wait.max.ms' => 10]));
$conf = new RdKafka\TopicConf();
$conf->set('auto.offset.reset', 'smallest');
$handle = $consumer->newTopic($topic, $conf);
foreach ([
    'beginning' => RD_KAFKA_OFFSET_BEGINNING,
    'end' => RD_KAFKA_OFFSET_END,
    'tail 2' => rd_kafka_offset_tail(2),
    'tail 1000' => rd_kafka_offset_tail(1000),
    'absolute 0' => 0,
    'absolute 3' => 3,
    'the end itself' => 5,
    'out of range' => 100,
] as $name => $offset) {
    $handle->consumeStart(0, $offset);
    $read = [];
    for ($until = microtime(true) + 10; microtime(true) < $until;) {
        $m = $handle->consume(0, 500);
        if ($m !== null && $m->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            break;
        }
        if ($m !== null) {
            $read[] = $m->payload;
        }
    }
    $handle->consumeStop(0);
    echo "$name: ", implode(' ', $read), "\n";
}
?>
--EXPECT--
beginning: 0 1 2 3 4
end: 
tail 2: 3 4
tail 1000: 0 1 2 3 4
absolute 0: 0 1 2 3 4
absolute 3: 3 4
the end itself: 
out of range: 0 1 2 3 4
