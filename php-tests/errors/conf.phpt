--TEST--
What a configuration's methods say to wrong arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
test_wrong_arguments(new RdKafka\Conf(), ['setDefaultTopicConf']);
test_wrong_arguments(new RdKafka\TopicConf());
?>
--EXPECT--
ArgumentCountError(0): RdKafka\Conf::dump() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\Conf::set() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\Conf::set() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\Conf::set(): Argument #1 ($name) must be of type string, array given
TypeError(0): RdKafka\Conf::set(): Argument #2 ($value) must be of type string, array given
ArgumentCountError(0): RdKafka\Conf::setConsumeCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setConsumeCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setConsumeCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setDrMsgCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setDrMsgCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setDrMsgCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setErrorCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setErrorCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setLogCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setLogCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setLogCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setOauthbearerTokenRefreshCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setOauthbearerTokenRefreshCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setOauthbearerTokenRefreshCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setOffsetCommitCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setOffsetCommitCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setOffsetCommitCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setRebalanceCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setRebalanceCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setRebalanceCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\Conf::setStatsCb() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\Conf::setStatsCb() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\Conf::setStatsCb(): Argument #1 ($callback) must be a valid callback, function "no such function" not found or invalid function name
ArgumentCountError(0): RdKafka\TopicConf::dump() expects exactly 0 arguments, 1 given
ArgumentCountError(0): RdKafka\TopicConf::set() expects exactly 2 arguments, 1 given
ArgumentCountError(0): RdKafka\TopicConf::set() expects exactly 2 arguments, 3 given
TypeError(0): RdKafka\TopicConf::set(): Argument #1 ($name) must be of type string, array given
TypeError(0): RdKafka\TopicConf::set(): Argument #2 ($value) must be of type string, array given
ArgumentCountError(0): RdKafka\TopicConf::setPartitioner() expects exactly 1 argument, 0 given
ArgumentCountError(0): RdKafka\TopicConf::setPartitioner() expects exactly 1 argument, 2 given
TypeError(0): RdKafka\TopicConf::setPartitioner(): Argument #1 ($partitioner) must be of type int, array given
