--TEST--
poll() returns how many events it served: a batch's reports are one event
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$reports = 0;
$producer = test_producer(['linger.ms' => 200], function () use (&$reports): void {
    $reports++;
});
var_dump($producer->poll(0), $producer->poll(10));
$handle = $producer->newTopic($topic);
foreach ([1, 10] as $count) {
    for ($i = 0; $i < $count; $i++) {
        $handle->produce(0, 0, "$i");
    }
    $served = $reports = 0;
    test_until(function () use (&$reports, $count) {
        return $reports >= $count;
    }, function () use ($producer, &$served): void {
        $served += $producer->poll(100);
    });
    echo "$count messages: $reports reports in $served event\n";
}
var_dump($producer->poll(0), $producer->getOutQLen());
?>
--EXPECT--
int(0)
int(0)
1 messages: 1 reports in 1 event
10 messages: 10 reports in 1 event
int(0)
int(0)
