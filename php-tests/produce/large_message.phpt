--TEST--
A message of almost a megabyte goes through
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$payload = str_repeat('0123456789abcdef', 60000);
$producer = test_producer();
$producer->newTopic($topic)->produce(0, 0, $payload);
var_dump($producer->flush(10000));
$m = test_messages($topic, 1)[0];
var_dump($m->len, $m->payload === $payload);
?>
--EXPECT--
int(0)
int(960000)
bool(true)
