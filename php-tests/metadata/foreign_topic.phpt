--TEST--
A topic of another client can be asked for
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$a = test_producer();
$b = test_consumer();
echo count($b->getMetadata(false, $a->newTopic($name), 5000)->getTopics()), "\n";
?>
--EXPECT--
1
