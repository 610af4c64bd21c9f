--TEST--
Every kind of client gives the same metadata
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(2);
$clients = [test_producer(), new RdKafka\Consumer(test_conf()), test_consumer()];
foreach ($clients as $client) {
    $metadata = $client->getMetadata(false, $client->newTopic($name), 5000);
    foreach ($metadata->getTopics() as $topic) {
        echo $client::class, ' ', json_encode([$topic->getTopic() === $name, count($topic->getPartitions()), $topic->getErr(), $client->getControllerId(5000) >= 0]), "\n";
    }
}
?>
--EXPECT--
RdKafka\Producer [true,2,0,true]
RdKafka\Consumer [true,2,0,true]
RdKafka\KafkaConsumer [true,2,0,true]
