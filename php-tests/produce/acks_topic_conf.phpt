--TEST--
request.required.acks of a topic's own configuration wins
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['acks' => '1'], function (RdKafka\Message $m): void {
    echo "$m->payload: error $m->err, offset $m->offset\n";
});
$conf = new RdKafka\TopicConf();
$conf->set('request.required.acks', '0');
$producer->newTopic($topic, $conf)->produce(0, 0, 'with a conf');
var_dump($producer->flush(10000));
?>
--EXPECT--
with a conf: error 0, offset -1001
int(0)
