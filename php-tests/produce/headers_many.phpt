--TEST--
A message can carry a thousand headers
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$headers = [];
for ($i = 0; $i < 1000; $i++) {
    $headers["name-$i"] = str_repeat(chr($i % 256), $i);
}
$producer->newTopic($topic)->producev(0, 0, 'x', 'k', $headers);
$producer->flush(10000);
var_dump(test_messages($topic, 1)[0]->headers === $headers);
?>
--EXPECT--
bool(true)
