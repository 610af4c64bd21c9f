--TEST--
An opaque string comes back in the delivery report only
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo $m->payload, ' ', var_export($m->opaque, true), "\n";
});
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 'none');
$handle->produce(0, 0, 'null', null, null);
$handle->produce(0, 0, 'text', null, 'first');
$handle->produce(0, 0, 'empty', null, '');
$handle->produce(0, 0, 'built', 'key', 'built-' . strrev('gnirts'));
$handle->produce(0, 0, 'number', 'key', 12);
$handle->producev(0, 0, 'producev', 'key', ['h' => 'v'], 1000, "nul\0byte");
$producer->flush(10000);
foreach (test_messages($topic, 7) as $m) {
    if ($m->opaque !== null) {
        echo "consumed $m->payload with an opaque\n";
    }
}
?>
--EXPECT--
none NULL
null NULL
text 'first'
empty ''
built 'built-string'
number '12'
producev 'nul' . "\0" . 'byte'
