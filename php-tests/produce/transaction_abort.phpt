--TEST--
An aborted transaction is read only by readers of everything
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['transactional.id' => test_name('txn'), 'linger.ms' => 0], function (RdKafka\Message $m): void {
    echo "report $m->payload $m->err\n";
});
$producer->initTransactions(10000);
$handle = $producer->newTopic($topic);
$producer->beginTransaction();
$handle->produce(0, 0, 'aborted');
$producer->flush(10000);
var_dump($producer->abortTransaction(10000));
$producer->beginTransaction();
$handle->produce(0, 0, 'committed');
$producer->commitTransaction(10000);
foreach (['read_committed' => 1, 'read_uncommitted' => 2] as $isolation => $count) {
    $consumer = test_consumer(['isolation.level' => $isolation]);
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
    echo $isolation, ': ', implode(', ', array_map(fn ($m) => "$m->payload at $m->offset", test_consume($consumer, $count))), "\n";
}
?>
--EXPECT--
report aborted 0
NULL
report committed 0
read_committed: committed at 2
read_uncommitted: aborted at 0, committed at 2
