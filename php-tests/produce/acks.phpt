--TEST--
acks=0 reports at once without an offset, acks=1 and all report the offset
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
foreach (['0', '1', 'all', '-1'] as $acks) {
    $producer = test_producer(['acks' => $acks], function (RdKafka\Message $m) use ($acks): void {
        echo "acks $acks: error $m->err, offset $m->offset\n";
    });
    $producer->newTopic($topic)->produce(0, 0, "acks $acks");
    $producer->flush(10000);
    // Nobody says when it is written, and the next one has a connection of its own.
    for ($high = 0, $deadline = time() + 10; $high === 0 && time() < $deadline;) {
        $producer->queryWatermarkOffsets($topic, 0, $low, $high, 10000);
    }
    unset($producer);
}
foreach (test_messages($topic, 4) as $m) {
    echo "$m->offset $m->payload\n";
}
?>
--EXPECT--
acks 0: error 0, offset -1001
acks 1: error 0, offset 1
acks all: error 0, offset 2
acks -1: error 0, offset 3
0 acks 0
1 acks 1
2 acks all
3 acks -1
