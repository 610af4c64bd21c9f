--TEST--
A second producer with the same transactional id fences the first
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$id = test_name('txn');
$first = test_producer(['transactional.id' => $id]);
$first->initTransactions(10000);
$first->beginTransaction();
$second = test_producer(['transactional.id' => $id]);
$second->initTransactions(10000);
$first->newTopic($topic)->produce(0, 0, 'from the fenced one');
try {
    $first->commitTransaction(10000);
    echo "committed\n";
} catch (RdKafka\KafkaErrorException $e) {
    var_dump($e->isFatal(), $e->isRetriable(), $e->transactionRequiresAbort());
}
$second->beginTransaction();
$second->newTopic($topic)->produce(0, 0, 'from the second');
$second->commitTransaction(10000);
$consumer = test_consumer(['isolation.level' => 'read_committed']);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 1) as $m) {
    echo $m->payload, "\n";
}
?>
--EXPECT--
bool(true)
bool(false)
bool(false)
from the second
