--TEST--
flush() returns 0 when all is delivered and -185 when time is up
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['linger.ms' => 60000], function (RdKafka\Message $m): void {
    echo "delivered $m->payload\n";
});
var_dump($producer->flush(0), $producer->flush(1000), $producer->flush(-1));
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 'first');
var_dump($producer->flush(0), $producer->getOutQLen());
$handle->produce(0, 0, 'second');
var_dump($producer->flush(10000), $producer->getOutQLen());
$start = hrtime(true);
var_dump($producer->flush(10000), (hrtime(true) - $start) / 1e6 < 100);
$handle->produce(0, 0, 'third');
var_dump($producer->flush(-1), $producer->getOutQLen());
?>
--EXPECT--
int(0)
int(0)
int(0)
int(-185)
int(1)
delivered first
delivered second
int(0)
int(0)
int(0)
bool(true)
delivered third
int(0)
int(0)
