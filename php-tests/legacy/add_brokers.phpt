--TEST--
A consumer without brokers gets them by addBrokers()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = new RdKafka\Consumer(test_conf(['bootstrap.servers' => '']));
var_dump($consumer->addBrokers(test_brokers()));
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
echo $handle->consume(0, 10000)->payload, "\n";
?>
--EXPECT--
int(1)
a
