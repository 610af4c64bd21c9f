--TEST--
Two loops over one collection share its position, two collections do not
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(2);
$producer = test_producer();
$topic = $producer->getMetadata(false, $producer->newTopic($name), 5000)->getTopics()->current();
foreach ($topic->getPartitions() as $a) {
    foreach ($topic->getPartitions() as $b) {
        echo $a->getId(), $b->getId(), ' ';
    }
}
echo "\n";
$shared = $topic->getPartitions();
$steps = 0;
foreach ($shared as $a) {
    foreach ($shared as $b) {
        echo $a->getId(), $b->getId(), ' ';
    }
    if (++$steps > 10) {
        break;
    }
}
echo "\n";
?>
--EXPECT--
00 01 10 11 
00 01
