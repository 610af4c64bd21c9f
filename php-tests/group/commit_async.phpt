--TEST--
commitAsync() answers through the offset commit callback
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$calls = 0;
$conf = test_conf(['group.id' => test_name('group'), 'enable.auto.commit' => 'false']);
$conf->setOffsetCommitCb(function (...$arguments) use (&$calls, &$consumer): void {
    $calls++;
    [$kafka, $err, $partitions] = $arguments;
    echo count($arguments), ' ', var_export($kafka === $consumer, true), ' ', $err, "\n";
    test_partitions($partitions);
});
$consumer = new RdKafka\KafkaConsumer($conf);
var_dump($consumer->commitAsync([new RdKafka\TopicPartition($topic, 0, 3), new RdKafka\TopicPartition($topic, 1, 4)]));
test_until(function () use (&$calls) {
    return $calls === 1;
}, fn () => $consumer->consume(100));
test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
$m = new RdKafka\Message();
$m->err = 0;
$m->topic_name = $topic;
$m->partition = 0;
$m->offset = 10;
$consumer->commitAsync($m);
test_until(function () use (&$calls) {
    return $calls === 2;
}, fn () => $consumer->consume(100));
?>
--EXPECT--
NULL
3 true 0
topic[0] 3 0
topic[1] 4 0
topic[0] 3 0
3 true 0
topic[0] 11 0
