--TEST--
flush() gives up in time when no broker can be reached
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1'], function (RdKafka\Message $m): void {
    echo "report $m->err\n";
});
$handle = $producer->newTopic(test_name());
$handle->produce(0, 0, 'x');
$start = hrtime(true);
var_dump($producer->flush(300), $producer->getOutQLen());
$elapsed = (hrtime(true) - $start) / 1e6;
var_dump($elapsed >= 250 && $elapsed < 1500);
var_dump($producer->purge(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), $producer->flush(1000), $producer->getOutQLen());
?>
--EXPECT--
int(-185)
int(1)
bool(true)
report -152
int(0)
int(0)
int(0)
