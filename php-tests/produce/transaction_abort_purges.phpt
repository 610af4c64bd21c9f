--TEST--
Aborting a transaction fails messages not yet sent
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer(['transactional.id' => test_name('txn'), 'linger.ms' => 5000], function (RdKafka\Message $m): void {
    echo "report $m->payload $m->err ", $m->errstr(), "\n";
});
$producer->initTransactions(10000);
$producer->beginTransaction();
$producer->newTopic($topic)->produce(0, 0, 'x');
$producer->abortTransaction(10000);
$producer->flush(10000);
var_dump($producer->getOutQLen());
?>
--EXPECT--
report x -152 Local: Purged in queue
int(0)
