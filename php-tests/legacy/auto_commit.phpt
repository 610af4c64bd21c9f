--TEST--
A legacy consumer with a group commits what it read
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2']);
$group = test_name('group');
for ($i = 0; $i < 2; $i++) {
    $consumer = new RdKafka\Consumer(test_conf(['group.id' => $group]));
    $conf = new RdKafka\TopicConf();
    $conf->set('auto.offset.reset', 'smallest');
    $handle = $consumer->newTopic($topic, $conf);
    $handle->consumeStart(0, RD_KAFKA_OFFSET_STORED);
    echo $handle->consume(0, 10000)->payload, "\n";
    $handle->consumeStop(0);
    unset($handle, $consumer);
}
test_partitions(test_consumer(['group.id' => $group])->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
?>
--EXPECT--
0
1
topic[0] 2 0
