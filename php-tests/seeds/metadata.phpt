--TEST--
Seed: the metadata listing sample
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(3, 'seed');
chdir(test_folder());

$conf = new RdKafka\Conf();
$conf->setDrMsgCb(function ($kafka, $message) {
    file_put_contents("./xx.log", var_export($message, true), FILE_APPEND);
});
$conf->setErrorCb(function ($kafka, $err, $reason) {
    printf("Kafka error: %s (reason: %s)\n", rd_kafka_err2str($err), $reason);
});

$conf->set('group.id', 'myConsumerGroup');

$rk = new RdKafka\Consumer($conf);
$rk->addBrokers(test_brokers());

$allInfo = $rk->metadata(true, NULL, 60e3);

$topics = $allInfo->getTopics();

echo rd_kafka_offset_tail(100);
echo "--";

echo count($topics) > 0 ? 'some' : 'none';
echo "--", PHP_EOL;

foreach ($topics as $topic) {
    $topicName = $topic->getTopic();
    if ($topicName == "__consumer_offsets") {
        continue ;
    }
    if ($topicName !== $name) {
        continue; // other tests run beside this one
    }
    $partitions = $topic->getPartitions();
    foreach ($partitions as $partition) {
//        $rf = new ReflectionClass(get_class($partition));
//        foreach ($rf->getMethods() as $f) {
//            var_dump($f);
//        }
//        die();
        $topPartition = new RdKafka\TopicPartition($topicName, $partition->getId());
        echo  "当前的话题：" . ($topPartition->getTopic()) . " - " . $partition->getId() . " - ";
        echo  "offset：" . ($topPartition->getOffset()) . PHP_EOL;
    }
}
?>
--EXPECTF--
%ADeprecated: Method RdKafka::metadata() is deprecated in %s on line %d
-2100--some--
当前的话题：seed-%s - 0 - offset：0
当前的话题：seed-%s - 1 - offset：0
当前的话题：seed-%s - 2 - offset：0
