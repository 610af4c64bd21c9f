--TEST--
A delivery callback may produce
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer([], function (RdKafka\Message $m) use (&$handle): void {
    echo "delivered $m->payload at $m->offset\n";
    if ($m->payload < 3) {
        $handle->produce(0, 0, (string) ($m->payload + 1));
    }
});
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, '1');
test_until(fn () => $producer->getOutQLen() === 0, fn () => $producer->poll(100));
?>
--EXPECT--
delivered 1 at 0
delivered 2 at 1
delivered 3 at 2
