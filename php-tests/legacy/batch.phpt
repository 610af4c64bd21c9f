--TEST--
consumeBatch() gives up to so many messages
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, array_map(fn ($i) => "$i", range(0, 24)));
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$read = $sizes = [];
test_until(function () use (&$read) {
    return count($read) >= 25;
}, function () use ($handle, &$read, &$sizes): void {
    $batch = $handle->consumeBatch(0, 300, 10);
    $sizes[] = count($batch);
    foreach ($batch as $i => $m) {
        $read[] = (int) $m->payload;
    }
});
var_dump($read === range(0, 24), max($sizes) <= 10, array_is_list($batch = $handle->consumeBatch(0, 50, 10)), $batch);
foreach ([0, -1, -5] as $size) {
    test_try(fn () => $handle->consumeBatch(0, 50, $size));
}
$handle->consumeStop(0);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
array(0) {
}
InvalidArgumentException(0): Out of range value '0' for batch_size
InvalidArgumentException(0): Out of range value '-1' for batch_size
InvalidArgumentException(0): Out of range value '-5' for batch_size
