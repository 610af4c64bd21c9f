--TEST--
A message without payload has neither length nor timestamp
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [['payload' => null, 'key' => 'deleted', 'headers' => ['h' => 'v'], 'timestamp_ms' => 5000], ['payload' => '', 'key' => '', 'timestamp_ms' => 5000]]);
foreach (test_messages($topic, 2) as $m) {
    echo json_encode([$m->payload, $m->len, $m->timestamp, $m->key, $m->headers]), "\n";
}
?>
--EXPECT--
[null,null,null,"deleted",{"h":"v"}]
["",0,5000,"",[]]
