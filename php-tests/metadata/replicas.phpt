--TEST--
Replicas and in-sync replicas are collections of broker ids
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$producer = test_producer();
$partition = $producer->getMetadata(false, $producer->newTopic($name), 5000)->getTopics()->current()->getPartitions()->current();
foreach (['getReplicas', 'getIsrs'] as $method) {
    $collection = $partition->$method();
    echo $collection::class, ' ', count($collection), ' ', json_encode(array_map(fn ($id) => $id === $partition->getLeader(), iterator_to_array($collection))), "\n";
    $collection->rewind();
    var_dump(is_int($collection->current()));
}
?>
--EXPECT--
RdKafka\Metadata\Collection 1 [true]
bool(true)
RdKafka\Metadata\Collection 1 [true]
bool(true)
