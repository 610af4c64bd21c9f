--TEST--
A committed transaction is read, also by readers of committed messages only
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$producer = test_producer(['transactional.id' => test_name('txn')], function (RdKafka\Message $m): void {
    echo "delivered $m->payload\n";
});
var_dump($producer->initTransactions(10000));
$handle = $producer->newTopic($topic);
var_dump($producer->beginTransaction());
$handle->produce(0, 0, 'one');
var_dump($producer->commitTransaction(10000));
$producer->beginTransaction();
$handle->produce(0, 0, 'two');
$handle->produce(0, 0, 'three');
$producer->commitTransaction(10000);
foreach (test_messages($topic, 3) as $m) {
    echo "read $m->payload at $m->offset\n";
}
?>
--EXPECT--
NULL
NULL
delivered one
NULL
delivered two
delivered three
read one at 0
read two at 2
read three at 3
