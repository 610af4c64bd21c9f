--TEST--
A producer without configuration warns and works with itself only
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = new RdKafka\Producer();
var_dump($producer->getOutQLen(), $producer->flush(100));
$producer = new RdKafka\Producer(null);
var_dump($producer->poll(0));
?>
--EXPECTF--
%5|%d.%d|CONFWARN|rdkafka#producer-1| [thrd:app]: No `bootstrap.servers` configured: client will not be able to connect to Kafka cluster
int(0)
int(0)
%5|%d.%d|CONFWARN|rdkafka#producer-2| [thrd:app]: No `bootstrap.servers` configured: client will not be able to connect to Kafka cluster
int(0)
