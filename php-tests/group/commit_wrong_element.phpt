--TEST--
commit() of a list of anything else is a fatal error
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
$consumer->commitAsync([new RdKafka\Message()]);
echo "not reached\n";
?>
--EXPECTF--
Fatal error: Argument 1 passed to RdKafka\KafkaConsumer::commitAsync() must be an array of RdKafka\TopicPartition, at least one element is a(n) RdKafka\Message in %s on line %d
