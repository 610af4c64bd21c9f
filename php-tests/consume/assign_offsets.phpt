--TEST--
The offset of an assigned partition may be absolute or logical
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3', '4']);
$consumer = test_consumer(['enable.partition.eof' => 'true', 'enable.auto.commit' => 'false', 'fetch.wait.max.ms' => 10]);
foreach ([
    'beginning' => RD_KAFKA_OFFSET_BEGINNING,
    'absolute 0' => 0,
    'absolute 3' => 3,
    'tail 2' => rd_kafka_offset_tail(2),
    'tail 100' => rd_kafka_offset_tail(100),
    'end' => RD_KAFKA_OFFSET_END,
    'the end itself' => 5,
    'stored, none' => RD_KAFKA_OFFSET_STORED,
    'invalid' => -1001,
    'out of range' => 100,
] as $name => $offset) {
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, $offset)]);
    $read = [];
    $end = false;
    test_until(function () use (&$end) {
        return $end;
    }, function () use ($consumer, &$read, &$end): void {
        $m = $consumer->consume(500);
        if ($m->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            $end = true;
        } elseif ($m->err !== RD_KAFKA_RESP_ERR__TIMED_OUT) {
            $read[] = $m->err === 0 ? $m->payload : "error $m->err";
        }
    });
    echo "$name: ", implode(' ', $read), "\n";
}
?>
--EXPECT--
beginning: 0 1 2 3 4
absolute 0: 0 1 2 3 4
absolute 3: 3 4
tail 2: 3 4
tail 100: 0 1 2 3 4
end: 
the end itself: 
stored, none: 0 1 2 3 4
invalid: 0 1 2 3 4
out of range: 0 1 2 3 4
