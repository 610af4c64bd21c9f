--TEST--
Every byte survives in payload, key and header values
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$bytes = implode('', array_map('chr', range(0, 255)));
$handle->producev(0, 0, $bytes, strrev($bytes), ['all' => $bytes, 'nul' => "\0", 'utf-8' => "\u{1F600}"]);
$handle->produce(0, 0, "a\0b", "\0");
$producer->flush(10000);
[$first, $second] = test_messages($topic, 2);
var_dump($first->payload === $bytes, $first->len, $first->key === strrev($bytes));
var_dump(array_keys($first->headers), $first->headers['all'] === $bytes, bin2hex($first->headers['nul']), $first->headers['utf-8']);
var_dump(bin2hex($second->payload), $second->len, bin2hex($second->key));
?>
--EXPECT--
bool(true)
int(256)
bool(true)
array(3) {
  [0]=>
  string(3) "all"
  [1]=>
  string(3) "nul"
  [2]=>
  string(5) "utf-8"
}
bool(true)
string(2) "00"
string(4) "😀"
string(6) "610062"
int(3)
string(2) "00"
