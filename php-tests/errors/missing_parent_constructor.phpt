--TEST--
A subclass that does not call its parent's constructor throws when it is used
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class P extends RdKafka\Producer
{
    public function __construct()
    {
    }
}
class C extends RdKafka\Consumer
{
    public function __construct()
    {
    }
}
class K extends RdKafka\KafkaConsumer
{
    public function __construct()
    {
    }
}
test_try(fn () => (new P())->poll(0));
test_try(fn () => (new P())->initTransactions(1));
test_try(fn () => (new C())->newQueue());
test_try(fn () => (new C())->newTopic('x'));
test_try(fn () => (new K())->consume(0));
test_try(fn () => (new K())->subscribe(['x']));
echo "fine\n";
?>
--EXPECT--
Exception(0): RdKafka\Kafka::__construct() has not been called
Exception(0): RdKafka\Kafka::__construct() has not been called
Exception(0): RdKafka\Kafka::__construct() has not been called
Exception(0): RdKafka\Kafka::__construct() has not been called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
Exception(0): RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
fine
