--TEST--
getMetadata(true) lists every topic, getMetadata(false) those the client uses, or every one when it uses none
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$one = test_topic();
$two = test_topic(2);
$names = fn (RdKafka\Metadata $m) => array_map(fn ($t) => $t->getTopic(), iterator_to_array($m->getTopics()));
$both = fn (array $names): bool => array_diff([$one, $two], $names) === [];
$producer = test_producer();
var_dump($both($names($producer->getMetadata(true, null, 5000))));
var_dump($both($names($producer->getMetadata(false, null, 5000))));
$handle = $producer->newTopic($one);
var_dump($names($producer->getMetadata(false, null, 5000)) === [$one]);
$other = $producer->newTopic($two);
$local = $names($producer->getMetadata(false, null, 5000));
var_dump(count($local), $both($local));
var_dump($both($names($producer->getMetadata(true, $handle, 5000))));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
int(2)
bool(true)
bool(true)
