--TEST--
KafkaErrorException: what it is given
--FILE--
<?php
$e = new RdKafka\KafkaErrorException('message', 12, 'string', true, false, true);
var_dump($e->getMessage(), $e->getCode(), $e->getErrorString(), $e->isFatal(), $e->isRetriable(), $e->transactionRequiresAbort());
$e = new RdKafka\KafkaErrorException('message', 12);
var_dump($e->getErrorString(), $e->isFatal(), $e->isRetriable(), $e->transactionRequiresAbort());
foreach ([['m'], ['m', 1, 's', true, true, true, 1], ['m', 'x'], [[], 1]] as $arguments) {
    try {
        new RdKafka\KafkaErrorException(...$arguments);
    } catch (Throwable $t) {
        echo get_class($t), ': ', $t->getMessage(), "\n";
    }
}
var_dump($e instanceof RdKafka\Exception);
--EXPECT--
string(7) "message"
int(12)
string(6) "string"
bool(true)
bool(false)
bool(true)
string(0) ""
bool(false)
bool(false)
bool(false)
ArgumentCountError: RdKafka\KafkaErrorException::__construct() expects at least 2 arguments, 1 given
ArgumentCountError: RdKafka\KafkaErrorException::__construct() expects at most 6 arguments, 7 given
TypeError: RdKafka\KafkaErrorException::__construct(): Argument #2 ($code) must be of type int, string given
TypeError: RdKafka\KafkaErrorException::__construct(): Argument #1 ($message) must be of type string, array given
bool(true)
