--TEST--
commit() of anything else is a fatal error
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
$consumer->commit('x');
echo "not reached\n";
?>
--EXPECTF--
Fatal error: RdKafka\KafkaConsumer::commit() expects parameter 1 to be an instance of RdKafka\Message or an array of RdKafka\TopicPartition, string given in %s on line %d
