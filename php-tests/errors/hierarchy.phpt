--TEST--
What is thrown is an RdKafka\Exception, an Exception or an InvalidArgumentException
--FILE--
<?php
require __DIR__ . '/../_harness.php';
var_dump(class_parents('RdKafka\Exception'), class_parents('RdKafka\KafkaErrorException'));
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1']);
try {
    $producer->getMetadata(true, null, 100);
} catch (RdKafka\Exception $e) {
    var_dump($e::class, $e->getCode() === RD_KAFKA_RESP_ERR__TRANSPORT, $e->getMessage() === rd_kafka_err2str($e->getCode()), basename($e->getFile()) === basename(__FILE__));
}
?>
--EXPECT--
array(1) {
  ["Exception"]=>
  string(9) "Exception"
}
array(2) {
  ["RdKafka\Exception"]=>
  string(17) "RdKafka\Exception"
  ["Exception"]=>
  string(9) "Exception"
}
string(17) "RdKafka\Exception"
bool(true)
bool(true)
bool(true)
