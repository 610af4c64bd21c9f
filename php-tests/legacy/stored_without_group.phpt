--TEST--
RD_KAFKA_OFFSET_STORED needs a group.id
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic(test_topic());
test_try(fn () => $handle->consumeStart(0, RD_KAFKA_OFFSET_STORED));
?>
--EXPECT--
RdKafka\Exception(-186): Local: Invalid argument or configuration
