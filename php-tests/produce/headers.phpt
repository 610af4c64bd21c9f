--TEST--
Headers arrive as an array of strings in their order
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$handle->producev(0, 0, 'none');
$handle->producev(0, 0, 'null', null, null);
$handle->producev(0, 0, 'empty array', null, []);
$handle->producev(0, 0, 'two', null, ['b' => 'second letter', 'a' => 'first letter']);
$handle->producev(0, 0, 'empty value', 'key', ['e' => '']);
$handle->producev(0, 0, 'empty name', 'key', ['' => 'v']);
$handle->produce(0, 0, 'produce');
$producer->flush(10000);
foreach (test_messages($topic, 7) as $m) {
    echo $m->payload, ': ', json_encode($m->headers), "\n";
}
?>
--EXPECT--
none: []
null: []
empty array: []
two: {"b":"second letter","a":"first letter"}
empty value: {"e":""}
empty name: {"":"v"}
produce: []
