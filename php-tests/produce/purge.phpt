--TEST--
purge() fails queued messages with -152
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['linger.ms' => 60000], function (RdKafka\Message $m): void {
    echo $m->payload, ' ', $m->err, ' ', rd_kafka_err2name($m->err), ' ', $m->errstr(), ' ', $m->partition, ' ', $m->offset, ' ', json_encode($m->opaque), "\n";
});
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 3; $i++) {
    $handle->produce(0, 0, "message $i", 'key', "opaque $i");
}
var_dump($producer->purge(RD_KAFKA_PURGE_F_QUEUE), $producer->getOutQLen() >= 3);
var_dump($producer->flush(10000), $producer->getOutQLen());
$handle->produce(0, 0, 'after');
var_dump($producer->flush(10000));
?>
--EXPECT--
int(0)
bool(true)
message 0 -152 _PURGE_QUEUE Local: Purged in queue 0 -1001 "opaque 0"
message 1 -152 _PURGE_QUEUE Local: Purged in queue 0 -1001 "opaque 1"
message 2 -152 _PURGE_QUEUE Local: Purged in queue 0 -1001 "opaque 2"
int(0)
int(0)
after 0 NO_ERROR Success 0 0 null
int(0)
