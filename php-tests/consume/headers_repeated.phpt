--TEST--
Of headers with the same name the last value is kept, at the first one's place
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_append($topic, 0, [
    ['payload' => 'x', 'headers' => [['a', '1'], ['b', '2'], ['a', '3']]],
    ['payload' => 'y', 'headers' => [['', 'empty'], ['', 'again']]],
    ['payload' => 'z', 'headers' => [['7', 'seven'], ['x', 'y']]],
]);
foreach (test_messages($topic, 3) as $m) {
    var_dump($m->headers);
}
?>
--EXPECT--
array(2) {
  ["a"]=>
  string(1) "3"
  ["b"]=>
  string(1) "2"
}
array(1) {
  [""]=>
  string(5) "again"
}
array(2) {
  [7]=>
  string(5) "seven"
  ["x"]=>
  string(1) "y"
}
