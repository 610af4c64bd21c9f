--TEST--
addBrokers() returns how many brokers it added
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['bootstrap.servers' => '']);
var_dump($producer->addBrokers(test_brokers()));
var_dump($producer->addBrokers('127.0.0.1:19,127.0.0.1:20'), $producer->addBrokers('127.0.0.1'), $producer->addBrokers(''), $producer->addBrokers(','));
var_dump($producer->addBrokers(test_brokers()));
$topic = test_topic();
$producer->newTopic($topic)->produce(0, 0, 'x');
var_dump($producer->flush(10000));
?>
--EXPECT--
int(1)
int(2)
int(1)
int(0)
int(0)
int(1)
int(0)
