--TEST--
The types of a message's properties, by kind of message
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$kinds = [];
$types = fn (RdKafka\Message $m): string => implode(' ', array_map(fn ($v) => get_debug_type($v), get_object_vars($m)));
$producer = test_producer([], function (RdKafka\Message $m) use (&$kinds, $types): void {
    $kinds['delivered'] = $types($m);
});
$handle = $producer->newTopic($topic);
$handle->producev(0, 0, 'payload', 'key', ['h' => 'v'], 1000, 'opaque');
$producer->flush(10000);
$consumer = test_consumer(['enable.partition.eof' => 'true']);
$kinds['timed out'] = $types($consumer->consume(0));
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
$kinds['consumed'] = $types(test_consume($consumer, 1)[0]);
test_until(function () use (&$kinds) {
    return isset($kinds['end of partition']);
}, function () use ($consumer, &$kinds, $types): void {
    $m = $consumer->consume(500);
    if ($m->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        $kinds['end of partition'] = $types($m);
    }
});
echo '             ', implode(' ', array_keys(get_class_vars('RdKafka\Message'))), "\n";
foreach ($kinds as $kind => $line) {
    echo "$kind: $line\n";
}
?>
--EXPECT--
err topic_name timestamp partition payload len key offset headers opaque
delivered: int string int int string int string int array string
timed out: int null null int null null null int array null
consumed: int string int int string int string int array null
end of partition: int string int int string int null int array null
