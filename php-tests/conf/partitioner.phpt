--TEST--
TopicConf::setPartitioner and Conf::setDefaultTopicConf
--FILE--
<?php
set_error_handler(function (int $level, string $message): bool {
    echo "[$level] $message\n";
    return true;
});
$topic = new RdKafka\TopicConf();
foreach ([RD_KAFKA_MSG_PARTITIONER_RANDOM, RD_KAFKA_MSG_PARTITIONER_CONSISTENT, RD_KAFKA_MSG_PARTITIONER_CONSISTENT_RANDOM,
    RD_KAFKA_MSG_PARTITIONER_MURMUR2, RD_KAFKA_MSG_PARTITIONER_MURMUR2_RANDOM] as $partitioner) {
    $topic->setPartitioner($partitioner);
}
var_dump(isset($topic->dump()['partitioner_cb']));
foreach ([0, 1, 7, -1] as $unknown) {
    try {
        $topic->setPartitioner($unknown);
    } catch (InvalidArgumentException $e) {
        echo $e->getMessage(), "\n";
    }
}
$conf = new RdKafka\Conf();
$conf->setDefaultTopicConf($topic);
var_dump(isset($conf->dump()['default_topic_conf']));
try {
    $conf->setDefaultTopicConf($conf);
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
--EXPECT--
bool(true)
Invalid partitioner given
Invalid partitioner given
Invalid partitioner given
Invalid partitioner given
[8192] Method RdKafka\Conf::setDefaultTopicConf() is deprecated
bool(true)
[8192] Method RdKafka\Conf::setDefaultTopicConf() is deprecated
RdKafka\Conf::setDefaultTopicConf(): Argument #1 ($topic_conf) must be of type RdKafka\TopicConf, RdKafka\Conf given
