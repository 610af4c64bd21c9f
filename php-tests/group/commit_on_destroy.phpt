--TEST--
A consumer that is destroyed leaves its group and commits like close()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2']);
$group = test_name('group');
for ($i = 0; $i < 3; $i++) {
    $consumer = test_consumer(['group.id' => $group]);
    $consumer->subscribe([$topic]);
    echo test_consume($consumer, 1)[0]->payload, "\n";
    unset($consumer);
}
?>
--EXPECT--
0
1
2
