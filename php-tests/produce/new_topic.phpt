--TEST--
newTopic() makes a topic of the client's kind with its name
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$topic = $producer->newTopic('a.name');
var_dump($topic::class, $topic->getName(), $topic instanceof RdKafka\Topic);
var_dump($producer->newTopic('a.name') === $topic, $producer->newTopic('a.name', null)->getName());
$conf = new RdKafka\TopicConf();
$conf->set('message.timeout.ms', '1000');
var_dump($producer->newTopic('configured', $conf)->getName());
var_dump((new RdKafka\Consumer(test_conf()))->newTopic('b')::class, test_consumer()->newTopic('c')::class);
var_dump($producer->newTopic("with\0nul")->getName(), $producer->newTopic('ünïcode')->getName());
?>
--EXPECT--
string(21) "RdKafka\ProducerTopic"
string(6) "a.name"
bool(true)
bool(false)
string(6) "a.name"
string(10) "configured"
string(21) "RdKafka\ConsumerTopic"
string(26) "RdKafka\KafkaConsumerTopic"
string(4) "with"
string(9) "ünïcode"
