--TEST--
Metadata lives on after its client, its parts after the whole
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(2);
$producer = test_producer();
$partitions = $producer->getMetadata(false, $producer->newTopic($name), 5000)->getTopics()->current()->getPartitions();
unset($producer);
gc_collect_cycles();
foreach ($partitions as $partition) {
    echo $partition->getId(), ' ', count($partition->getReplicas()), "\n";
}
?>
--EXPECT--
0 1
1 1
