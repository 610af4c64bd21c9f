--TEST--
poll() makes room in a queue that reports filled
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['queue.buffering.max.messages' => 10, 'linger.ms' => 0]);
$handle = $producer->newTopic($topic);
$full = 0;
for ($i = 0; $i < 100; $i++) {
    $until = microtime(true) + 20;
    while (true) {
        try {
            $handle->produce(0, 0, "message $i");
            break;
        } catch (RdKafka\Exception $e) {
            if ($e->getCode() !== RD_KAFKA_RESP_ERR__QUEUE_FULL || microtime(true) > $until) {
                throw $e;
            }
            $full++;
            $producer->poll(100);
        }
    }
}
var_dump($full > 0, $producer->flush(10000), $producer->getOutQLen());
var_dump(array_map(fn ($m) => $m->payload, test_messages($topic, 100)) === array_map(fn ($i) => "message $i", range(0, 99)));
?>
--EXPECT--
bool(true)
int(0)
int(0)
bool(true)
