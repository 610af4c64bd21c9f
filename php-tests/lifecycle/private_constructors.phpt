--TEST--
Classes that only the extension makes
--FILE--
<?php
$private = ['ProducerTopic', 'ConsumerTopic', 'KafkaConsumerTopic', 'Queue', 'Metadata', 'Metadata\Topic',
    'Metadata\Broker', 'Metadata\Partition', 'Metadata\Collection'];
foreach ($private as $class) {
    $class = "RdKafka\\$class";
    try {
        new $class();
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
    try {
        $object = (new ReflectionClass($class))->newInstanceWithoutConstructor();
        (new ReflectionMethod($class, '__construct'))->invoke($object);
    } catch (Exception $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
    try {
        clone $object;
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
    echo serialize($object), "\n";
}
foreach (['RdKafka', 'RdKafka\Topic'] as $class) {
    try {
        new $class();
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
}
--EXPECT--
Call to private RdKafka\ProducerTopic::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\ProducerTopic
O:21:"RdKafka\ProducerTopic":0:{}
Call to private RdKafka\ConsumerTopic::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\ConsumerTopic
O:21:"RdKafka\ConsumerTopic":0:{}
Call to private RdKafka\KafkaConsumerTopic::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\KafkaConsumerTopic
O:26:"RdKafka\KafkaConsumerTopic":0:{}
Call to private RdKafka\Queue::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Queue
O:13:"RdKafka\Queue":0:{}
Call to private RdKafka\Metadata::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Metadata
O:16:"RdKafka\Metadata":0:{}
Call to private RdKafka\Metadata\Topic::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Metadata\Topic
O:22:"RdKafka\Metadata\Topic":0:{}
Call to private RdKafka\Metadata\Broker::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Metadata\Broker
O:23:"RdKafka\Metadata\Broker":0:{}
Call to private RdKafka\Metadata\Partition::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Metadata\Partition
O:26:"RdKafka\Metadata\Partition":0:{}
Call to private RdKafka\Metadata\Collection::__construct() from global scope
Exception: Private constructor
Trying to clone an uncloneable object of class RdKafka\Metadata\Collection
O:27:"RdKafka\Metadata\Collection":0:{}
Cannot instantiate abstract class RdKafka
Cannot instantiate abstract class RdKafka\Topic
