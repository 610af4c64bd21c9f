--TEST--
initTransactions() gives up in time when no broker can be reached
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['transactional.id' => 'x', 'bootstrap.servers' => '127.0.0.1:1']);
try {
    $producer->initTransactions(300);
} catch (RdKafka\KafkaErrorException $e) {
    var_dump($e->getCode(), $e->getMessage(), $e->isFatal(), $e->isRetriable(), $e->transactionRequiresAbort());
}
?>
--EXPECT--
int(-185)
string(94) "Timed out waiting for operation to finish, retry call to resume (RD_KAFKA_RESP_ERR__TIMED_OUT)"
bool(false)
bool(true)
bool(false)
