--TEST--
What a producer's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
test_wrong_arguments(test_producer(['bootstrap.servers' => '127.0.0.1:1']));
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Producer::abortTransaction() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Producer::abortTransaction() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Producer::abortTransaction(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::addBrokers() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::addBrokers() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::addBrokers(): Argument #1 ($broker_list) must be of type string, array given
ArgumentCountError(0): RdKafka\Producer::commitTransaction() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Producer::commitTransaction() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Producer::commitTransaction(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::flush() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::flush() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::flush(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::getControllerId() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::getControllerId() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::getControllerId(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::getMetadata() expects exactly 3 arguments, 2 given
ArgumentCountError(0): RdKafka::getMetadata() expects exactly 3 arguments, 4 given
TypeError(0): RdKafka::getMetadata(): Argument #1 ($all_topics) must be of type bool, array given
TypeError(0): RdKafka::getMetadata(): Argument #2 ($only_topic) must be of type ?RdKafka\Topic, stdClass given
TypeError(0): RdKafka::getMetadata(): Argument #3 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::getOutQLen() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Producer::initTransactions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Producer::initTransactions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Producer::initTransactions(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::newTopic() expects at least 1 argument, 0 given
ArgumentCountError(0): RdKafka::newTopic() expects at most 2 arguments, 3 given
TypeError(0): RdKafka::newTopic(): Argument #1 ($topic_name) must be of type string, array given
TypeError(0): RdKafka::newTopic(): Argument #2 ($topic_conf) must be of type ?RdKafka\TopicConf, stdClass given
ArgumentCountError(0): RdKafka::oauthbearerSetToken() expects at least 3 arguments, 2 given
ArgumentCountError(0): RdKafka::oauthbearerSetToken() expects at most 4 arguments, 5 given
TypeError(0): RdKafka::oauthbearerSetToken(): Argument #1 ($token_value) must be of type string, array given
TypeError(0): RdKafka::oauthbearerSetToken(): Argument #2 ($lifetime_ms) must be of type int, array given
TypeError(0): RdKafka::oauthbearerSetToken(): Argument #3 ($principal_name) must be of type string, array given
TypeError(0): RdKafka::oauthbearerSetToken(): Argument #4 ($extensions) must be of type array, string given
ArgumentCountError(0): RdKafka::oauthbearerSetTokenFailure() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::oauthbearerSetTokenFailure() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::oauthbearerSetTokenFailure(): Argument #1 ($error) must be of type string, array given
ArgumentCountError(0): RdKafka::offsetsForTimes() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka::offsetsForTimes() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka::offsetsForTimes(): Argument #1 ($topic_partitions) must be of type array, string given
TypeError(0): RdKafka::offsetsForTimes(): Argument #2 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::pausePartitions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::pausePartitions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::pausePartitions(): Argument #1 ($topic_partitions) must be of type array, string given
ArgumentCountError(0): RdKafka::poll() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::poll() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::poll(): Argument #1 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::purge() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::purge() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::purge(): Argument #1 ($purge_flags) must be of type int, array given
ArgumentCountError(0): RdKafka::queryWatermarkOffsets() expects exactly 5 arguments, 4 given
ArgumentCountError(0): RdKafka::queryWatermarkOffsets() expects exactly 5 arguments, 6 given
TypeError(0): RdKafka::queryWatermarkOffsets(): Argument #1 ($topic) must be of type string, array given
TypeError(0): RdKafka::queryWatermarkOffsets(): Argument #2 ($partition) must be of type int, array given
TypeError(0): RdKafka::queryWatermarkOffsets(): Argument #5 ($timeout_ms) must be of type int, array given
ArgumentCountError(0): RdKafka::resumePartitions() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka::resumePartitions() expects exactly 1 argument, 2 given
TypeError(0): RdKafka::resumePartitions(): Argument #1 ($topic_partitions) must be of type array, string given
