--TEST--
A negative timestamp is taken as it is
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo "error $m->err\n";
});
$handle = $producer->newTopic($topic);
test_try(fn () => $handle->producev(0, 0, 'x', null, null, -5));
$producer->flush(10000);
?>
--EXPECT--
returned null
error 0
