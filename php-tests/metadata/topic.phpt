--TEST--
getMetadata() of one topic tells its partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(3);
$producer = test_producer();
$metadata = $producer->getMetadata(false, $producer->newTopic($name), 5000);
var_dump($metadata::class, $metadata->getTopics()::class, count($metadata->getTopics()));
foreach ($metadata->getTopics() as $index => $topic) {
    var_dump($index, $topic::class, $topic->getTopic() === $name, $topic->getErr(), count($topic->getPartitions()));
    foreach ($topic->getPartitions() as $i => $partition) {
        echo $i, ' ', $partition::class, ' id ', $partition->getId(), ' err ', $partition->getErr(), ' leader ', var_export($partition->getLeader() >= 0, true),
            ' replicas ', count($partition->getReplicas()), ' isrs ', count($partition->getIsrs()), "\n";
    }
}
?>
--EXPECT--
string(16) "RdKafka\Metadata"
string(27) "RdKafka\Metadata\Collection"
int(1)
int(0)
string(22) "RdKafka\Metadata\Topic"
bool(true)
int(0)
int(3)
0 RdKafka\Metadata\Partition id 0 err 0 leader true replicas 1 isrs 1
1 RdKafka\Metadata\Partition id 1 err 0 leader true replicas 1 isrs 1
2 RdKafka\Metadata\Partition id 2 err 0 leader true replicas 1 isrs 1
