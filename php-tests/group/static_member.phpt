--TEST--
A static member comes back to its partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['0', '1', '2']);
$properties = ['group.id' => test_name('group'), 'group.instance.id' => 'me'];
for ($i = 0; $i < 3; $i++) {
    $consumer = test_consumer($properties);
    $consumer->subscribe([$topic]);
    echo test_consume($consumer, 1)[0]->payload, ' ', count($consumer->getAssignment()), "\n";
    unset($consumer);
}
?>
--EXPECT--
0 2
1 2
2 2
