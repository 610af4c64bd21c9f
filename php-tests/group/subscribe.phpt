--TEST--
A subscribed consumer gets every partition assigned and reads them all
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range(0, 19)));
$consumer = test_consumer();
var_dump($consumer->subscribe([$topic]), $consumer->getSubscription() === [$topic], $consumer->getAssignment());
$read = array_map(fn ($m) => (int) $m->payload, test_consume($consumer, 20));
sort($read);
var_dump($read === range(0, 19));
test_partitions($consumer->getAssignment());
?>
--EXPECT--
NULL
bool(true)
array(0) {
}
bool(true)
topic[0] -1000 0
topic[1] -1000 0
topic[2] -1000 0
topic[3] -1000 0
