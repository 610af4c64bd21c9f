--TEST--
What a group consumer's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
test_wrong_arguments(test_consumer(['bootstrap.servers' => '127.0.0.1:1']), ['commit', 'commitAsync']);
?>
--EXPECT--
ArgumentCountError(0): RdKafka\KafkaConsumer::assign() expects at most 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::assign(): Argument #1 ($topic_partitions) must be of type ?array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::commit() expects at most 1 argument, 2 given
ArgumentCountError(0): RdKafka\KafkaConsumer::commitAsync() expects at most 1 argument, 2 given
ArgumentCountError(0): RdKafka\KafkaConsumer::consume() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::consume() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::consume(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::getAssignment() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumer::getCommittedOffsets() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumer::getCommittedOffsets() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\KafkaConsumer::getCommittedOffsets(): Argument #1 ($topic_partitions) must be of type array, string given
TypeError(0): RdKafka\KafkaConsumer::getCommittedOffsets(): Argument #2 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::getControllerId() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::getControllerId() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::getControllerId(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::getMetadata() expects exactly 3 arguments, 2 given
ArgumentCountError(0): RdKafka\KafkaConsumer::getMetadata() expects exactly 3 arguments, 4 given
TypeError(0): RdKafka\KafkaConsumer::getMetadata(): Argument #1 ($all_topics) must be of type bool, array given
TypeError(0): RdKafka\KafkaConsumer::getMetadata(): Argument #2 ($only_topic) must be of type ?RdKafka\Topic, stdClass given
TypeError(0): RdKafka\KafkaConsumer::getMetadata(): Argument #3 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::getOffsetPositions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::getOffsetPositions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::getOffsetPositions(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::getSubscription() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumer::incrementalAssign() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::incrementalAssign() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::incrementalAssign(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::incrementalUnassign() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::incrementalUnassign() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::incrementalUnassign(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::newTopic() expects at least 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::newTopic() expects at most 2 arguments, 3 given
TypeError(0): RdKafka\KafkaConsumer::newTopic(): Argument #1 ($topic_name) must be of type string, array given
TypeError(0): RdKafka\KafkaConsumer::newTopic(): Argument #2 ($topic_conf) must be of type ?RdKafka\TopicConf, stdClass given
ArgumentCountError(0): RdKafka\KafkaConsumer::offsetsForTimes() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\KafkaConsumer::offsetsForTimes() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\KafkaConsumer::offsetsForTimes(): Argument #1 ($topic_partitions) must be of type array, string given
TypeError(0): RdKafka\KafkaConsumer::offsetsForTimes(): Argument #2 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::pausePartitions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::pausePartitions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::pausePartitions(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::queryWatermarkOffsets() expects exactly 5 arguments, 4 given
ArgumentCountError(0): RdKafka\KafkaConsumer::queryWatermarkOffsets() expects exactly 5 arguments, 6 given
TypeError(0): RdKafka\KafkaConsumer::queryWatermarkOffsets(): Argument #1 ($topic) must be of type string, array given
TypeError(0): RdKafka\KafkaConsumer::queryWatermarkOffsets(): Argument #2 ($partition) must be of type int, array given
TypeError(0): RdKafka\KafkaConsumer::queryWatermarkOffsets(): Argument #5 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka\KafkaConsumer::resumePartitions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::resumePartitions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::resumePartitions(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::subscribe() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\KafkaConsumer::subscribe() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\KafkaConsumer::subscribe(): Argument #1 ($topics) must be of type array, string given
ArgumentCountError(0): RdKafka\KafkaConsumer::unsubscribe() expects exactly 0 arguments, 1 given
