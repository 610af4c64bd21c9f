--TEST--
consumeStart() begins and consume() gives messages, then null on timeout
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [['payload' => 'a', 'key' => 'k', 'headers' => ['h' => 'v']], 'b']);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
var_dump($handle::class, $handle->getName() === $topic);
var_dump($handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING));
foreach (['a', 'b'] as $ignored) {
    $m = $handle->consume(0, 10000);
    echo json_encode([$m->err, $m->topic_name === $topic, $m->partition, $m->offset, $m->payload, $m->key, $m->headers]), "\n";
}
var_dump($handle->consume(0, 100), $handle->consume(0, 0));
var_dump($handle->consumeStop(0));
?>
--EXPECT--
string(21) "RdKafka\ConsumerTopic"
bool(true)
NULL
[0,true,0,0,"a","k",{"h":"v"}]
[0,true,0,1,"b",null,[]]
NULL
NULL
NULL
