--TEST--
What only a constructor finds out: a protocol type without assignors, a place of certificates that is not there
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach ([['group.protocol.type' => 'connect'], ['https.ca.location' => '/nowhere']] as $properties) {
    $conf = fn () => test_conf($properties + ['group.id' => 'group', 'log_level' => '0']);
    test_try(fn () => new RdKafka\KafkaConsumer($conf()));
    test_try(fn () => new RdKafka\Consumer($conf()));
    test_try(fn () => new RdKafka\Producer($conf()));
}
?>
--EXPECT--
RdKafka\Exception(0): Unsupported partition.assignment.strategy: range
RdKafka\Exception(0): Unsupported partition.assignment.strategy: range
RdKafka\Exception(0): Unsupported partition.assignment.strategy: range
RdKafka\Exception(0): `https.ca.location` must be an existing file or directory
RdKafka\Exception(0): `https.ca.location` must be an existing file or directory
RdKafka\Exception(0): `https.ca.location` must be an existing file or directory
