--TEST--
An exception in an offset commit callback leaves consume()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$conf = test_conf(['group.id' => test_name('group'), 'enable.auto.commit' => 'false']);
$conf->setOffsetCommitCb(function ($kafka, int $err, array $partitions): void {
    throw new RuntimeException("commit: $err, offset {$partitions[0]->getOffset()}");
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->commitAsync([new RdKafka\TopicPartition($topic, 0, 3)]);
$message = null;
test_until(function () use (&$message) {
    return $message !== null;
}, function () use ($consumer, &$message): void {
    try {
        $consumer->consume(100);
    } catch (RuntimeException $e) {
        $message = $e->getMessage();
    }
});
echo $message, "\n";
test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
?>
--EXPECT--
commit: 0, offset 3
topic[0] 3 0
