--TEST--
Reports of one partition come in the order of produce(), with growing offsets
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$offsets = $payloads = [];
$producer = test_producer([], function (RdKafka\Message $m) use (&$offsets, &$payloads): void {
    $offsets[] = $m->offset;
    $payloads[] = (int) $m->payload;
});
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 2000; $i++) {
    $handle->produce(0, 0, "$i");
    $i % 100 === 0 && $producer->poll(0);
}
$producer->flush(10000);
var_dump($payloads === range(0, 1999), $offsets === range(0, 1999));
?>
--EXPECT--
bool(true)
bool(true)
