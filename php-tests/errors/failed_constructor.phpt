--TEST--
A client whose constructor failed throws when it is used
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Mine extends RdKafka\Producer
{
    public function __construct(array $properties)
    {
        try {
            parent::__construct(test_conf($properties));
        } catch (RdKafka\Exception $e) {
            echo $e->getMessage(), "\n";
        }
    }
}
class Group extends RdKafka\KafkaConsumer
{
    public function __construct()
    {
        try {
            parent::__construct(test_conf());
        } catch (RdKafka\Exception $e) {
            echo $e->getMessage(), "\n";
        }
    }
}
$producer = new Mine(['enable.idempotence' => 'true', 'acks' => '0']);
test_try(fn () => $producer->newTopic('x'));
test_try(fn () => $producer->flush(0));
$consumer = new Group();
test_try(fn () => $consumer->consume(0));
test_try(fn () => $consumer->close());
?>
--EXPECT--
`acks` must be set to `all` when `enable.idempotence` is true
Exception(0): RdKafka\Kafka::__construct() has not been called
Exception(0): RdKafka\Kafka::__construct() has not been called
"group.id" must be configured
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
