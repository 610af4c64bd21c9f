--TEST--
Integers, floats and stringable objects are coerced to strings
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Text
{
    public function __toString(): string
    {
        return 'object';
    }
}
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 42, 4.5);
$handle->produce('0', 0.0, true, false);
$handle->producev(0, 0, new Text(), new Text());
$producer->flush(10000);
foreach (test_messages($topic, 3) as $m) {
    var_dump($m->payload, $m->key);
}
?>
--EXPECT--
string(2) "42"
string(3) "4.5"
string(1) "1"
string(0) ""
string(6) "object"
string(6) "object"
