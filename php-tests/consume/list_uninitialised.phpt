--TEST--
A TopicPartition without its constructor called is refused in a list
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class NoConstructor extends RdKafka\TopicPartition
{
    public function __construct()
    {
    }
}
$consumer = test_consumer();
foreach (['assign', 'incrementalAssign', 'incrementalUnassign', 'commit', 'commitAsync', 'getOffsetPositions', 'pausePartitions', 'resumePartitions'] as $method) {
    test_try(fn () => $consumer->$method([new NoConstructor()]));
}
test_try(fn () => $consumer->getCommittedOffsets([new NoConstructor()], 100));
test_try(fn () => $consumer->offsetsForTimes([new NoConstructor()], 100));
?>
--EXPECT--
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
Exception(0): RdKafka\TopicPartition::__construct() has not been called
