--TEST--
A list with something that is no TopicPartition is a fatal error
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition('x', 0), 'x']);
echo "not reached\n";
?>
--EXPECTF--
Fatal error: Argument 1 passed to RdKafka\KafkaConsumer::assign() must be an array of RdKafka\TopicPartition, at least one element is a(n) string in %s on line %d
