--TEST--
delivery.report.only.error leaves out the reports of success
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['delivery.report.only.error' => 'true'], function (RdKafka\Message $m): void {
    echo "$m->payload $m->err\n";
});
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 'fine', null, 'opaque');
var_dump($producer->flush(10000), $producer->getOutQLen());
$producer->getMetadata(false, $handle, 5000);
$handle->produce(0, 0, 'purged', null, 'opaque');
$producer->purge(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
$producer->flush(10000);
?>
--EXPECT--
int(0)
int(0)
purged -152
