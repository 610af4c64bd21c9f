--TEST--
Opaques are released when no delivery callback is set
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 100; $i++) {
    $handle->produce(0, 0, "$i", null, str_repeat('o', $i));
}
var_dump($producer->flush(10000), $producer->getOutQLen());
?>
--EXPECT--
int(0)
int(0)
