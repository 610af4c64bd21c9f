--TEST--
A partition the topic does not have is reported with -190, later refused at once
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$producer = test_producer(['bootstrap.servers' => ''], function (RdKafka\Message $m): void {
    echo "$m->payload: $m->err ", $m->errstr(), " partition $m->partition offset $m->offset ", json_encode([$m->timestamp === null, $m->key, $m->headers, $m->opaque]), "\n";
});
$handle = $producer->newTopic($topic);
$handle->producev(5, 0, 'first', 'key', ['a' => 'b'], null, 'opaque');
$producer->addBrokers(test_brokers()); // before, nothing can be known of the topic
var_dump($producer->flush(10000));
test_try(fn () => $handle->produce(5, 0, 'second'));
test_try(fn () => $handle->producev(2, 0, 'third', null, ['a' => 'b'], null, 'opaque'));
test_try(fn () => $handle->produce(1, 0, 'fourth'));
var_dump($producer->flush(10000));
?>
--EXPECT--
first: -190 Local: Unknown partition partition 5 offset -1001 [false,"key",[],"opaque"]
int(0)
RdKafka\Exception(-190): Local: Unknown partition
RdKafka\Exception(-190): Local: Unknown partition
returned null
fourth: 0 Success partition 1 offset 0 [false,null,[],null]
int(0)
