--TEST--
A name that is no topic's name is told with error 17
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer(['allow.auto.create.topics' => 'false']);
foreach ($consumer->getMetadata(false, $consumer->newTopic('not/valid'), 5000)->getTopics() as $topic) {
    var_dump($topic->getTopic(), $topic->getErr(), count($topic->getPartitions()));
}
?>
--EXPECT--
string(9) "not/valid"
int(17)
int(0)
