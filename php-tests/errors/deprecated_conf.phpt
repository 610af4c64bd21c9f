--TEST--
setDefaultTopicConf() is deprecated and wants a TopicConf
--FILE--
<?php
require __DIR__ . '/../_harness.php';
set_error_handler(fn (int $level, string $message) => print("$level $message\n"));
$conf = new RdKafka\Conf();
test_try(fn () => $conf->setDefaultTopicConf(new RdKafka\TopicConf()));
test_try(fn () => $conf->setDefaultTopicConf($conf));
test_try(fn () => $conf->setDefaultTopicConf());
?>
--EXPECT--
8192 Method RdKafka\Conf::setDefaultTopicConf() is deprecated
returned null
8192 Method RdKafka\Conf::setDefaultTopicConf() is deprecated
TypeError(0): RdKafka\Conf::setDefaultTopicConf(): Argument #1 ($topic_conf) must be of type RdKafka\TopicConf, RdKafka\Conf given
8192 Method RdKafka\Conf::setDefaultTopicConf() is deprecated
ArgumentCountError(0): RdKafka\Conf::setDefaultTopicConf() expects exactly 1 argument, 0 given
