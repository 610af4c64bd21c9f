--TEST--
Transaction calls out of turn throw a KafkaErrorException with its flags
--FILE--
<?php
require __DIR__ . '/../_harness.php';
function attempt(callable $call): void
{
    try {
        $call();
        echo "nothing thrown\n";
    } catch (RdKafka\KafkaErrorException $e) {
        echo $e->getCode(), ' ', $e->getMessage(), "\n  ", $e->getErrorString(), "\n  ",
            json_encode(['fatal' => $e->isFatal(), 'retriable' => $e->isRetriable(), 'abort' => $e->transactionRequiresAbort()]), "\n";
    } catch (Exception $e) {
        echo $e::class, ' ', $e->getCode(), ' ', $e->getMessage(), "\n";
    }
}
$plain = test_producer();
attempt(fn () => $plain->initTransactions(100));
attempt(fn () => $plain->beginTransaction());
attempt(fn () => $plain->commitTransaction(100));
attempt(fn () => $plain->abortTransaction(100));
$producer = test_producer(['transactional.id' => test_name('txn')]);
attempt(fn () => $producer->beginTransaction());
attempt(fn () => $producer->commitTransaction(1000));
attempt(fn () => $producer->newTopic(test_topic())->produce(0, 0, 'x'));
attempt(fn () => $producer->initTransactions(10000));
attempt(fn () => $producer->newTopic(test_topic())->produce(0, 0, 'x'));
attempt(fn () => $producer->commitTransaction(1000));
attempt(fn () => $producer->abortTransaction(1000));
attempt(fn () => $producer->beginTransaction());
attempt(fn () => $producer->beginTransaction());
attempt(fn () => $producer->commitTransaction(10000));
attempt(fn () => $producer->initTransactions(1000));
?>
--EXPECT--
-145 The Transactional API requires transactional.id to be configured (RD_KAFKA_RESP_ERR__NOT_CONFIGURED)
  The Transactional API requires transactional.id to be configured
  {"fatal":false,"retriable":false,"abort":false}
-145 The Transactional API requires transactional.id to be configured (RD_KAFKA_RESP_ERR__NOT_CONFIGURED)
  The Transactional API requires transactional.id to be configured
  {"fatal":false,"retriable":false,"abort":false}
-145 The Transactional API requires transactional.id to be configured (RD_KAFKA_RESP_ERR__NOT_CONFIGURED)
  The Transactional API requires transactional.id to be configured
  {"fatal":false,"retriable":false,"abort":false}
-145 The Transactional API requires transactional.id to be configured (RD_KAFKA_RESP_ERR__NOT_CONFIGURED)
  The Transactional API requires transactional.id to be configured
  {"fatal":false,"retriable":false,"abort":false}
-172 Operation not valid in state Init (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state Init
  {"fatal":false,"retriable":false,"abort":false}
-172 Operation not valid in state Init (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state Init
  {"fatal":false,"retriable":false,"abort":false}
RdKafka\Exception -172 Local: Erroneous state
nothing thrown
RdKafka\Exception -172 Local: Erroneous state
-172 Operation not valid in state Ready (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state Ready
  {"fatal":false,"retriable":false,"abort":false}
-172 Operation not valid in state Ready (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state Ready
  {"fatal":false,"retriable":false,"abort":false}
nothing thrown
-172 Operation not valid in state InTransaction (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state InTransaction
  {"fatal":false,"retriable":false,"abort":false}
nothing thrown
-172 Operation not valid in state Ready (RD_KAFKA_RESP_ERR__STATE)
  Operation not valid in state Ready
  {"fatal":false,"retriable":false,"abort":false}
