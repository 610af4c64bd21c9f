--TEST--
Seed: the high-level consumer sample with its rebalance callback and default topic conf
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$test = test_topic(1, 'seed');
$qkl01 = test_topic(1, 'seed');
test_produce($test, ['one', 'two', 'three']);

$conf = new \RdKafka\Conf();
function rebalance(\RdKafka\KafkaConsumer $kafka, $err, array $partitions = null) {
    global $test;
    switch ($err) {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            echo "Assign: ";
            usort($partitions, fn ($a, $b) => strcmp($a->getTopic(), $b->getTopic()));
            var_dump(count($partitions), $partitions[0]);
//            $kafka->assign($partitions);
            $kafka->assign([new RdKafka\TopicPartition($test, 0, 0)]);
            break;

        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            echo "Revoke: ";
            var_dump(count($partitions));
            $kafka->assign(NULL);
            break;

        default:
            throw new \Exception($err);
    }
}

// Set a rebalance callback to log partition assignments (optional)
$conf->setRebalanceCb(function(\RdKafka\KafkaConsumer $kafka, $err, array $partitions = null) {
    rebalance($kafka, $err, $partitions);
});

// Configure the group.id. All consumer with the same group.id will consume
// different partitions.
$conf->set('group.id', test_name('test-110-g100'));

// Initial list of Kafka brokers
$conf->set('metadata.broker.list', test_brokers());

$topicConf = new \RdKafka\TopicConf();

$topicConf->set('request.required.acks', 1);
//在interval.ms的时间内自动提交
//$topicConf->set('auto.commit.enable', 1);
//$topicConf->set('auto.commit.interval.ms', 100);

// 设置offset的存储为broker
// $topicConf->set('offset.store.method', 'broker');

// Set where to start consuming messages when there is no initial offset in
// offset store or the desired offset is out of range.
// 'smallest': start from the beginning
$topicConf->set('auto.offset.reset', 'smallest');

// Set the configuration to use for subscribed/assigned topics
$conf->setDefaultTopicConf($topicConf);

$consumer = new \RdKafka\KafkaConsumer($conf);

//$KafkaConsumerTopic = $consumer->newTopic('qkl01', $topicConf);

// Subscribe to topic 'test'
$consumer->subscribe([$qkl01,$test]);

echo "Waiting for partition assignment... (make take some time when quickly re-joining the group after leaving it.)\n";

$seen = 0;
while (true) {
    $message = $consumer->consume(120*1000);
    switch ($message->err) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            printf("%s [%d] at %d: %s\n", $message->topic_name === $test ? 'test' : '?', $message->partition, $message->offset, $message->payload);
//            $consumer->commit($message);
//            $KafkaConsumerTopic->offsetStore(0, 20);
            $seen++;
            break;
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            echo "No more messages; will wait for more\n";
            break;
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
            echo "Timed out\n";
            break;
        default:
            throw new \Exception($message->errstr(), $message->err);
            break;
    }
    if ($seen === 3) {
        break; // the sample goes on for ever
    }
}
$consumer->close();
?>
--EXPECTF--
%AMethod RdKafka\Conf::setDefaultTopicConf() is deprecated in %s on line %d
%AWaiting for partition assignment... (make take some time when quickly re-joining the group after leaving it.)
Assign: int(2)
object(RdKafka\TopicPartition)#%d (4) {
  ["topic"]=>
  string(%d) "seed-%s"
  ["partition"]=>
  int(0)
  ["offset"]=>
  int(-1001)
  ["err"]=>
  int(0)
}
test [0] at 0: one
test [0] at 1: two
test [0] at 2: three
Revoke: int(2)
