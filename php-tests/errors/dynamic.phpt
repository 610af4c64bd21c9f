--TEST--
Clients cannot be cloned and have no properties
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$consumer = new RdKafka\Consumer(test_conf());
foreach ([$producer, $consumer, test_consumer(), $producer->newTopic('x'), $consumer->newTopic('x'), $consumer->newQueue()] as $object) {
    test_try(fn () => clone $object);
    echo json_encode($object), ' ', count(get_object_vars($object)), ' ', count((array) $object), ' ', $object == $object ? 'equal' : 'different', "\n";
}
?>
--EXPECT--
Error(0): Trying to clone an uncloneable object of class RdKafka\Producer
{} 0 0 equal
Error(0): Trying to clone an uncloneable object of class RdKafka\Consumer
{} 0 0 equal
Error(0): Trying to clone an uncloneable object of class RdKafka\KafkaConsumer
{} 0 0 equal
Error(0): Trying to clone an uncloneable object of class RdKafka\ProducerTopic
{} 0 0 equal
Error(0): Trying to clone an uncloneable object of class RdKafka\ConsumerTopic
{} 0 0 equal
Error(0): Trying to clone an uncloneable object of class RdKafka\Queue
{} 0 0 equal
