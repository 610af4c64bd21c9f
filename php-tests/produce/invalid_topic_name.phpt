--TEST--
A name that is no topic's name is reported with code 17
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo "$m->payload: $m->err ", $m->errstr(), "\n";
});
$producer->newTopic('not/valid')->produce(0, 0, 'x');
var_dump($producer->flush(10000));
?>
--EXPECT--
x: 17 Broker: Invalid topic
int(0)
