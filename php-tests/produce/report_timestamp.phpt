--TEST--
The report of a message that failed tells no timestamp
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$show = function (RdKafka\Message $m): void {
    echo $m->err, ' ', json_encode($m->timestamp), ' ', json_encode($m->offset), ' ', json_encode($m->opaque), "\n";
};
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1', 'message.timeout.ms' => 300], $show);
$topic = $producer->newTopic('any');
$topic->producev(0, 0, 'expired', null, ['h' => 'v'], 5000, 'one');
$topic->producev(0, 0, null, 'no payload', null, 5000, 'two');
$producer->flush(10000);
$topic->producev(0, 0, 'purged', null, null, 5000, 'three');
$producer->purge(RD_KAFKA_PURGE_F_QUEUE);
$producer->flush(10000);
?>
--EXPECT--
-192 -1 -1001 "one"
-192 null -1001 "two"
-152 -1 -1001 "three"
