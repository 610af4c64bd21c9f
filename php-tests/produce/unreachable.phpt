--TEST--
No broker: timeouts, purge, metadata
--FILE--
<?php
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', '127.0.0.1:1');
$conf->set('log_level', '0');
$conf->setDrMsgCb(function ($kafka, $message): void {
    echo $message->err, ' ', $message->errstr(), ' ', $message->payload, ' ', $message->offset, ' ', $message->opaque, "\n";
});
$conf->setErrorCb(function ($kafka, $err, $reason): void {
});
$topicConf = new RdKafka\TopicConf();
$topicConf->set('message.timeout.ms', '100');
$producer = new RdKafka\Producer($conf);
$short = $producer->newTopic('short', $topicConf);
$long = $producer->newTopic('long');
$short->produce(0, 0, 'expires', null, 'mine');
while ($producer->getOutQLen() > 0) {
    $producer->poll(100);
}
$long->produce(0, 0, 'purged');
var_dump($producer->flush(100), $producer->getOutQLen());
var_dump($producer->purge(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), $producer->flush(1000), $producer->getOutQLen());
try {
    $producer->getMetadata(true, null, 100);
} catch (RdKafka\Exception $e) {
    echo $e->getCode(), ' ', $e->getMessage(), "\n";
}
var_dump($producer->getControllerId(50));
var_dump($producer->purge(64));
try {
    $producer->queryWatermarkOffsets('long', 0, $low, $high, 100);
} catch (RdKafka\Exception $e) {
    echo $e->getMessage() !== '' ? 'thrown' : '', "\n";
}
--EXPECT--
-192 Local: Message timed out expires -1001 mine
int(-185)
int(1)
-152 Local: Purged in queue purged -1001 
int(0)
int(0)
int(0)
-195 Local: Broker transport failure
int(-1)
int(-186)
thrown
