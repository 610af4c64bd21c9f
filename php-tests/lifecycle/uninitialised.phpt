--TEST--
Objects whose constructor did not run throw, and never crash
--FILE--
<?php
$arguments = [
    'int' => 1, 'string' => 'x', 'array' => [], 'bool' => true, 'callable' => 'strlen',
    'RdKafka\Conf' => null, 'RdKafka\TopicConf' => null, 'RdKafka\Topic' => null, 'RdKafka\Queue' => null,
];
$make = fn (string $class) => (new ReflectionClass($class))->newInstanceWithoutConstructor();
$arguments['RdKafka\Conf'] = new RdKafka\Conf();
$arguments['RdKafka\TopicConf'] = new RdKafka\TopicConf();
$arguments['RdKafka\Queue'] = $make('RdKafka\Queue');
$skip = ['RdKafka\Exception', 'RdKafka\KafkaErrorException', 'RdKafka\Message', 'RdKafka\ProducerTopic'];
$classes = array_keys((new ReflectionExtension('rdkafka'))->getClasses());
sort($classes);
foreach ($classes as $name) {
    $class = new ReflectionClass($name);
    if ($class->isAbstract() || in_array($name, $skip, true)) {
        continue;
    }
    foreach ($class->getMethods() as $method) {
        if ($method->isConstructor() || $method->isDeprecated()) {
            continue;
        }
        $given = [];
        foreach ($method->getParameters() as $parameter) {
            if ($parameter->isOptional()) {
                break;
            }
            $type = ltrim((string) $parameter->getType(), '?');
            $given[] = $arguments[$type];
        }
        try {
            @$method->invokeArgs($make($name), $given);
            echo "$name::{$method->getName()}: nothing\n";
        } catch (Throwable $e) {
            echo "$name::{$method->getName()}: ", get_class($e), ': ', $e->getMessage(), "\n";
        }
    }
}
--EXPECT--
RdKafka\Conf::dump: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::set: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setErrorCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setDrMsgCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setStatsCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setRebalanceCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setConsumeCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setOffsetCommitCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setLogCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Conf::setOauthbearerTokenRefreshCb: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\Consumer::newQueue: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::addBrokers: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::getMetadata: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::getControllerId: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::getOutQLen: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::newTopic: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::poll: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::flush: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::purge: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::queryWatermarkOffsets: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::offsetsForTimes: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::pausePartitions: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::resumePartitions: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::oauthbearerSetToken: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Consumer::oauthbearerSetTokenFailure: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\ConsumerTopic::consumeQueueStart: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::consumeCallback: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::consumeStart: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::consumeStop: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::consume: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::consumeBatch: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::offsetStore: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\ConsumerTopic::getName: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\KafkaConsumer::assign: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::incrementalAssign: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::incrementalUnassign: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getAssignment: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::commit: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::close: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::commitAsync: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::consume: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::subscribe: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getSubscription: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::unsubscribe: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getMetadata: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getControllerId: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::newTopic: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getCommittedOffsets: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::getOffsetPositions: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::queryWatermarkOffsets: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::offsetsForTimes: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::pausePartitions: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumer::resumePartitions: Exception: RdKafka\KafkaConsumer::__construct() has not been called, or RdKafka\KafkaConsumer::close() was already called
RdKafka\KafkaConsumerTopic::offsetStore: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\KafkaConsumerTopic::getName: Exception: RdKafka\Topic::__construct() has not been called
RdKafka\Metadata::getOrigBrokerId: Exception: RdKafka\Metadata::__construct() has not been called
RdKafka\Metadata::getOrigBrokerName: Exception: RdKafka\Metadata::__construct() has not been called
RdKafka\Metadata::getBrokers: Exception: RdKafka\Metadata::__construct() has not been called
RdKafka\Metadata::getTopics: Exception: RdKafka\Metadata::__construct() has not been called
RdKafka\Metadata\Broker::getId: Exception: RdKafka\Metadata\Broker::__construct() has not been called
RdKafka\Metadata\Broker::getHost: Exception: RdKafka\Metadata\Broker::__construct() has not been called
RdKafka\Metadata\Broker::getPort: Exception: RdKafka\Metadata\Broker::__construct() has not been called
RdKafka\Metadata\Collection::count: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Collection::current: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Collection::key: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Collection::next: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Collection::rewind: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Collection::valid: Exception: RdKafka\Metadata\Collection::__construct() has not been called
RdKafka\Metadata\Partition::getId: Exception: RdKafka\Metadata\Partition::__construct() has not been called
RdKafka\Metadata\Partition::getErr: Exception: RdKafka\Metadata\Partition::__construct() has not been called
RdKafka\Metadata\Partition::getLeader: Exception: RdKafka\Metadata\Partition::__construct() has not been called
RdKafka\Metadata\Partition::getReplicas: Exception: RdKafka\Metadata\Partition::__construct() has not been called
RdKafka\Metadata\Partition::getIsrs: Exception: RdKafka\Metadata\Partition::__construct() has not been called
RdKafka\Metadata\Topic::getTopic: Exception: RdKafka\Metadata\Topic::__construct() has not been called
RdKafka\Metadata\Topic::getErr: Exception: RdKafka\Metadata\Topic::__construct() has not been called
RdKafka\Metadata\Topic::getPartitions: Exception: RdKafka\Metadata\Topic::__construct() has not been called
RdKafka\Producer::initTransactions: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::beginTransaction: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::commitTransaction: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::abortTransaction: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::addBrokers: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::getMetadata: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::getControllerId: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::getOutQLen: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::newTopic: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::poll: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::flush: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::purge: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::queryWatermarkOffsets: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::offsetsForTimes: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::pausePartitions: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::resumePartitions: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::oauthbearerSetToken: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Producer::oauthbearerSetTokenFailure: Exception: RdKafka\Kafka::__construct() has not been called
RdKafka\Queue::consume: Exception: RdKafka\Queue::__construct() has not been called
RdKafka\TopicConf::dump: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\TopicConf::set: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\TopicConf::setPartitioner: Exception: RdKafka\Conf::__construct() has not been called
RdKafka\TopicPartition::getTopic: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::setTopic: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::getPartition: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::setPartition: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::getOffset: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::setOffset: Exception: RdKafka\TopicPartition::__construct() has not been called
RdKafka\TopicPartition::getErr: Exception: RdKafka\TopicPartition::__construct() has not been called
