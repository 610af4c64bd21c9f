--TEST--
Configurations that contradict themselves are refused by the constructor
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conflicts = [
    ['enable.idempotence' => 'true', 'acks' => '1'],
    ['enable.idempotence' => 'true', 'max.in.flight.requests.per.connection' => '6'],
    ['enable.idempotence' => 'true', 'message.send.max.retries' => '0'],
    ['enable.idempotence' => 'true', 'queuing.strategy' => 'lifo'],
    ['transactional.id' => 'x', 'enable.idempotence' => 'false'],
    ['enable.gapless.guarantee' => 'true'],
    ['sasl.mechanisms' => 'NOPE', 'security.protocol' => 'sasl_plaintext'],
    ['transactional.id' => 'x', 'message.timeout.ms' => '200000', 'transaction.timeout.ms' => '100000'],
    ['linger.ms' => '2000', 'message.timeout.ms' => '1000'],
];
foreach ($conflicts as $properties) {
    echo json_encode($properties), "\n  ";
    test_try(fn () => new RdKafka\Producer(test_conf($properties)));
}
?>
--EXPECT--
{"enable.idempotence":"true","acks":"1"}
  RdKafka\Exception(0): `acks` must be set to `all` when `enable.idempotence` is true
{"enable.idempotence":"true","max.in.flight.requests.per.connection":"6"}
  RdKafka\Exception(0): `max.in.flight` must be set <= 5 when `enable.idempotence` is true
{"enable.idempotence":"true","message.send.max.retries":"0"}
  RdKafka\Exception(0): `retries` must be set >= 1 when `enable.idempotence` is true
{"enable.idempotence":"true","queuing.strategy":"lifo"}
  RdKafka\Exception(0): `queuing.strategy` must be set to `fifo` when `enable.idempotence` is true
{"transactional.id":"x","enable.idempotence":"false"}
  RdKafka\Exception(0): `transactional.id` requires `enable.idempotence=true`
{"enable.gapless.guarantee":"true"}
  RdKafka\Exception(0): `enable.gapless.guarantee` requires `enable.idempotence` to be enabled
{"sasl.mechanisms":"NOPE","security.protocol":"sasl_plaintext"}
  RdKafka\Exception(0): Unsupported SASL mechanism: NOPE
{"transactional.id":"x","message.timeout.ms":"200000","transaction.timeout.ms":"100000"}
  RdKafka\Exception(0): `message.timeout.ms` must be set <= `transaction.timeout.ms`
{"linger.ms":"2000","message.timeout.ms":"1000"}
  RdKafka\Exception(0): `message.timeout.ms` must be greater than `linger.ms`
