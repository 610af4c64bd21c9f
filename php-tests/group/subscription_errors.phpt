--TEST--
subscribe() refuses what cannot be a topic
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
test_try(fn () => $consumer->subscribe(['']));
test_try(fn () => $consumer->subscribe(['ok', '']));
test_try(fn () => $consumer->subscribe(['twice', 'twice']));
test_try(fn () => $consumer->subscribe([]));
test_try(fn () => $consumer->subscribe(['^(unclosed']));
test_try(fn () => $consumer->subscribe('x'));
test_try(fn () => $consumer->subscribe(null));
test_try(fn () => $consumer->subscribe());
echo json_encode($consumer->getSubscription()), "\n";
?>
--EXPECT--
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
TypeError(0): RdKafka\KafkaConsumer::subscribe(): Argument #1 ($topics) must be of type array, string given
TypeError(0): RdKafka\KafkaConsumer::subscribe(): Argument #1 ($topics) must be of type array, null given
ArgumentCountError(0): RdKafka\KafkaConsumer::subscribe() expects exactly 1 argument, 0 given
[]
