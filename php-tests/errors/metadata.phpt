--TEST--
What the metadata classes' methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$metadata = $producer->getMetadata(false, $producer->newTopic(test_topic()), 5000);
$topic = $metadata->getTopics()->current();
foreach ([$metadata, $metadata->getTopics(), $topic, $topic->getPartitions()->current(), $metadata->getBrokers()->current()] as $object) {
    test_wrong_arguments($object);
}
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Metadata::getBrokers() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata::getOrigBrokerId() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata::getOrigBrokerName() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata::getTopics() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::count() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::current() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::key() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::next() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::rewind() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Collection::valid() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Topic::getErr() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Topic::getPartitions() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Topic::getTopic() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Partition::getErr() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Partition::getId() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Partition::getIsrs() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Partition::getLeader() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Partition::getReplicas() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Broker::getHost() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Broker::getId() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Metadata\Broker::getPort() expects exactly 0 arguments, 1 given
