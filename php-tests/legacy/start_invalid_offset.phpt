--TEST--
An offset that means nothing is refused
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic(test_topic());
foreach ([-1001, -3, -999, -1500] as $offset) {
    test_try(fn () => $handle->consumeStart(0, $offset));
}
?>
--EXPECT--
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
RdKafka\Exception(-186): Local: Invalid argument or configuration
