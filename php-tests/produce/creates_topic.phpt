--TEST--
Producing to a topic that does not exist creates it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_name();
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo "$m->payload: $m->err partition $m->partition offset $m->offset\n";
});
$producer->newTopic($topic)->produce(0, 0, 'x');
var_dump($producer->flush(20000));
?>
--EXPECT--
x: 0 partition 0 offset 0
int(0)
