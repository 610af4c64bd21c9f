--TEST--
A batch may end with the end of the partition
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$consumer = new RdKafka\Consumer(test_conf(['enable.partition.eof' => 'true']));
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$errors = [];
test_until(function () use (&$errors) {
    return in_array(RD_KAFKA_RESP_ERR__PARTITION_EOF, $errors, true);
}, function () use ($handle, &$errors): void {
    array_push($errors, ...array_map(fn ($m) => $m->err, $handle->consumeBatch(0, 1000, 10)));
});
echo implode(' ', $errors), "\n";
?>
--EXPECT--
0 0 -191
