--TEST--
close() commits what was read when enable.auto.commit is on
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3']);
$group = test_name('group');
foreach (['true', 'false', 'true'] as $auto) {
    $consumer = test_consumer(['group.id' => $group, 'enable.auto.commit' => $auto]);
    $consumer->subscribe([$topic]);
    $m = test_consume($consumer, 1)[0];
    echo "auto commit $auto: read $m->payload\n";
    $consumer->close();
}
?>
--EXPECT--
auto commit true: read 0
auto commit false: read 1
auto commit true: read 1
