--TEST--
An integer key ends the list of headers
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$handle->producev(0, 0, 'list', null, ['x', 'y']);
$handle->producev(0, 0, 'mixed', null, ['first' => '1', 7 => 'seven', 'last' => '2']);
$handle->producev(0, 0, 'digits', null, ['7' => 'seven', 'a' => 'b']);
$producer->flush(10000);
foreach (test_messages($topic, 3) as $m) {
    echo $m->payload, ': ', json_encode($m->headers), "\n";
}
?>
--EXPECT--
list: []
mixed: {"first":"1"}
digits: []
