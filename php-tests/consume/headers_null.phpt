--TEST--
A header without a value reads as an empty string
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_append($topic, 0, [['payload' => 'x', 'headers' => [['null', null], ['empty', ''], ['nul', "\0"]]]]);
echo json_encode(test_messages($topic, 1)[0]->headers), "\n";
?>
--EXPECT--
{"null":"","empty":"","nul":"\u0000"}
