--TEST--
Callbacks do not run inside calls other than poll(), flush() and consume()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$reports = 0;
$producer = test_producer(['linger.ms' => 0], function () use (&$reports): void {
    $reports++;
});
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 'x');
for ($i = 0; $i < 5; $i++) {
    $producer->getMetadata(false, $handle, 5000);
    $producer->queryWatermarkOffsets($topic, 0, $low, $high, 5000);
}
echo "$reports before, ";
$producer->flush(10000);
echo "$reports after\n";
?>
--EXPECT--
0 before, 1 after
