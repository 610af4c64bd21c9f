--TEST--
A message's timestamp is in milliseconds
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$now = (int) (microtime(true) * 1000);
test_produce($topic, [['payload' => 'a', 'timestamp_ms' => $now - 12345], ['payload' => 'b', 'timestamp_ms' => 1]]);
[$a, $b] = test_messages($topic, 2);
var_dump($now - $a->timestamp, $b->timestamp);
?>
--EXPECT--
int(12345)
int(1)
