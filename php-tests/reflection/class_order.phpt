--TEST--
Reflection tells classes, functions and constants in upstream's order
--FILE--
<?php
$extension = new ReflectionExtension('rdkafka');
echo implode("\n", $extension->getClassNames()), "\n";
echo implode("\n", array_keys($extension->getFunctions())), "\n";
echo implode("\n", array_slice(array_keys($extension->getConstants()), 0, 5)), "\n";
echo count($extension->getConstants()), "\n";
?>
--EXPECT--
RdKafka
RdKafka\Consumer
RdKafka\Producer
RdKafka\Exception
RdKafka\Conf
RdKafka\TopicConf
RdKafka\KafkaErrorException
RdKafka\KafkaConsumer
RdKafka\Message
RdKafka\Metadata
RdKafka\Metadata\Topic
RdKafka\Metadata\Broker
RdKafka\Metadata\Partition
RdKafka\Metadata\Collection
RdKafka\TopicPartition
RdKafka\Queue
RdKafka\Topic
RdKafka\ConsumerTopic
RdKafka\KafkaConsumerTopic
RdKafka\ProducerTopic
rd_kafka_get_err_descs
rd_kafka_err2name
rd_kafka_err2str
rd_kafka_errno2err
rd_kafka_errno
rd_kafka_offset_tail
rd_kafka_thread_cnt
RD_KAFKA_CONSUMER
RD_KAFKA_OFFSET_BEGINNING
RD_KAFKA_OFFSET_END
RD_KAFKA_OFFSET_STORED
RD_KAFKA_PARTITION_UA
213
