--TEST--
A full queue is refused with -184 until deliveries make room
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['queue.buffering.max.messages' => 3, 'linger.ms' => 10000]);
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 5; $i++) {
    test_try(fn () => $handle->produce(0, 0, "message $i", null, "opaque $i"));
}
test_try(fn () => $handle->producev(0, 0, 'one more', null, ['a' => 'b']));
var_dump($producer->getOutQLen(), $producer->flush(10000), $producer->getOutQLen());
test_try(fn () => $handle->producev(0, 0, 'after'));
var_dump($producer->flush(10000));
foreach (test_messages($topic, 4) as $m) {
    echo $m->payload, "\n";
}
?>
--EXPECT--
returned null
returned null
returned null
RdKafka\Exception(-184): Local: Queue full
RdKafka\Exception(-184): Local: Queue full
RdKafka\Exception(-184): Local: Queue full
int(3)
int(0)
int(0)
returned null
int(0)
message 0
message 1
message 2
after
