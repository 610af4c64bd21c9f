--TEST--
A topic that does not exist is told with error 3
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_name();
$consumer = test_consumer(['allow.auto.create.topics' => 'false']);
foreach ($consumer->getMetadata(false, $consumer->newTopic($name), 5000)->getTopics() as $topic) {
    var_dump($topic->getTopic() === $name, $topic->getErr(), rd_kafka_err2str($topic->getErr()), count($topic->getPartitions()));
}
?>
--EXPECT--
bool(true)
int(3)
string(34) "Broker: Unknown topic or partition"
int(0)
