--TEST--
Consumer configurations that contradict themselves are refused by the constructor
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach ([
    ['fetch.max.bytes' => '1000', 'message.max.bytes' => '2000'],
    ['max.poll.interval.ms' => '5000', 'session.timeout.ms' => '6000'],
    ['partition.assignment.strategy' => 'nosuch'],
    ['partition.assignment.strategy' => 'range,cooperative-sticky'],
] as $properties) {
    echo json_encode($properties), "\n  ";
    test_try(fn () => test_consumer($properties));
}
?>
--EXPECT--
{"fetch.max.bytes":"1000","message.max.bytes":"2000"}
  RdKafka\Exception(0): `fetch.max.bytes` must be >= `message.max.bytes`
{"max.poll.interval.ms":"5000","session.timeout.ms":"6000"}
  RdKafka\Exception(0): `max.poll.interval.ms`must be >= `session.timeout.ms`
{"partition.assignment.strategy":"nosuch"}
  RdKafka\Exception(0): Unsupported partition.assignment.strategy: nosuch
{"partition.assignment.strategy":"range,cooperative-sticky"}
  RdKafka\Exception(0): All partition.assignment.strategy (range,cooperative-sticky) assignors must have the same protocol type, online migration between assignors with different protocol types is not supported
