--TEST--
The position and what is committed step over the marker of a transaction: no lag is left
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['transactional.id' => test_name('txn')]);
$producer->initTransactions(10000);
foreach (['commitTransaction', 'abortTransaction'] as $end) {
    $producer->beginTransaction();
    $producer->newTopic($topic)->produce(0, 0, $end);
    $producer->flush(10000);
    $producer->$end(10000);
}
$partition = new RdKafka\TopicPartition($topic, 0, 0);
$consumer = test_consumer(['isolation.level' => 'read_committed', 'enable.auto.commit' => 'false', 'enable.auto.offset.store' => 'true']);
$consumer->assign([$partition]);
echo test_consume($consumer, 1)[0]->payload, "\n";
$position = fn (): int => $consumer->getOffsetPositions([$partition])[0]->getOffset();
// A coordinator answers before the marker is in the log.
$logEnd = function () use ($consumer, $topic): int {
    $consumer->queryWatermarkOffsets($topic, 0, $low, $high, 10000);
    return $high;
};
test_until(fn () => $logEnd() === 4, fn () => usleep(10000));
$high = $logEnd();
var_dump(test_until(fn () => $position() === $high, fn () => $consumer->consume(100)));
$consumer->commit();
var_dump($high, $consumer->getCommittedOffsets([$partition], 10000)[0]->getOffset());
?>
--EXPECT--
commitTransaction
bool(true)
int(4)
int(4)
