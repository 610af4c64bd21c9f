--TEST--
A consumed message can be cloned, serialised and changed like any object
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [['payload' => "bin\0ary", 'key' => 'k', 'headers' => ['h' => 'v']]]);
$m = test_messages($topic, 1)[0];
$copy = unserialize(serialize($m));
var_dump($copy == $m, $copy === $m, $copy::class, $copy->payload === $m->payload);
$clone = clone $m;
$clone->payload = 'changed';
$clone->headers['x'] = 'y';
var_dump(addcslashes($m->payload, "\0"), $m->headers, isset($m->opaque), property_exists($m, 'opaque'), count(get_object_vars($m)));
unset($m->key);
test_try(fn () => $m->key);
test_try(fn () => $m->len = 'x');
var_dump($clone->errstr(), $m->errstr());
?>
--EXPECT--
bool(true)
bool(false)
string(15) "RdKafka\Message"
bool(true)
string(10) "bin\000ary"
array(1) {
  ["h"]=>
  string(1) "v"
}
bool(false)
bool(true)
int(10)
Error(0): Typed property RdKafka\Message::$key must not be accessed before initialization
TypeError(0): Cannot assign string to property RdKafka\Message::$len of type ?int
string(7) "Success"
string(7) "Success"
