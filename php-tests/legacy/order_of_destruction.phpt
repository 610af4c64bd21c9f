--TEST--
Queue, topic and consumer may go in any order
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
foreach ([['consumer', 'queue', 'handle'], ['queue', 'handle', 'consumer'], ['handle', 'consumer', 'queue'], ['queue', 'consumer', 'handle']] as $order) {
    $consumer = new RdKafka\Consumer(test_conf());
    $queue = $consumer->newQueue();
    $handle = $consumer->newTopic($topic);
    $handle->consumeQueueStart(0, RD_KAFKA_OFFSET_BEGINNING, $queue);
    echo $queue->consume(10000)->payload, ' ';
    foreach ($order as $name) {
        unset($$name);
        echo $name, ' ';
    }
    echo "\n";
}
?>
--EXPECT--
a consumer queue handle 
a queue handle consumer 
a handle consumer queue 
a queue consumer handle
