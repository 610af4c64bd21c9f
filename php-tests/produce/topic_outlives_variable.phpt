--TEST--
A topic handle keeps its producer alive
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$topic = test_producer()->newTopic($name);
$topic->produce(0, 0, 'x');
var_dump($topic->getName() === $name);
$producer = test_producer();
$topic = $producer->newTopic($name);
unset($producer);
$topic->produce(0, 0, 'y');
echo "alive\n";
?>
--EXPECT--
bool(true)
alive
