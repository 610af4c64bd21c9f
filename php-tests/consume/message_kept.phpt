--TEST--
Messages live on after their consumer
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [['payload' => 'a', 'key' => 'k', 'headers' => ['h' => 'v']], ['payload' => 'b']]);
$kept = test_messages($topic, 2);
gc_collect_cycles();
foreach ($kept as $m) {
    echo json_encode([$m->payload, $m->key, $m->headers, $m->offset]), "\n";
}
?>
--EXPECT--
["a","k",{"h":"v"},0]
["b",null,[],1]
