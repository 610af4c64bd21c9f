--TEST--
getOutQLen() counts messages until their reports are served
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['linger.ms' => 60000]);
$handle = $producer->newTopic($topic);
$lengths = [$producer->getOutQLen()];
for ($i = 0; $i < 5; $i++) {
    $handle->produce(0, 0, "$i");
    $lengths[] = $producer->getOutQLen();
}
$producer->flush(10000);
$lengths[] = $producer->getOutQLen();
$lengths[] = @$producer->outqLen();
echo implode(' ', $lengths), "\n";
?>
--EXPECT--
0 1 2 3 4 5 0 0
