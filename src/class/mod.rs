//! The PHP classes: one file each, named as the class; its functions are named as the methods.

pub(crate) mod conf;
pub(crate) mod consumer;
pub(crate) mod consumer_topic;
pub(crate) mod kafka_consumer;
pub(crate) mod kafka_consumer_topic;
pub(crate) mod kafka_error_exception;
pub(crate) mod message;
pub(crate) mod metadata;
pub(crate) mod metadata_broker;
pub(crate) mod metadata_collection;
pub(crate) mod metadata_partition;
pub(crate) mod metadata_topic;
pub(crate) mod producer;
pub(crate) mod producer_topic;
pub(crate) mod queue;
pub(crate) mod rd_kafka;
pub(crate) mod topic;
pub(crate) mod topic_conf;
pub(crate) mod topic_partition;

use crate::zend::{Base, Call, Class, Php, attach as attach_state, throw};

/// Gives every class the native state its objects carry. Once, while the module starts.
pub(crate) fn attach() {
    attach_state::<conf::Conf>(&[Class::Conf]);
    attach_state::<topic_conf::TopicConf>(&[Class::TopicConf]);
    attach_state::<rd_kafka::Kafka>(&[Class::RdKafka, Class::Producer, Class::Consumer]);
    attach_state::<kafka_consumer::KafkaConsumer>(&[Class::KafkaConsumer]);
    attach_state::<topic::Topic>(&[
        Class::Topic,
        Class::ProducerTopic,
        Class::ConsumerTopic,
        Class::KafkaConsumerTopic,
    ]);
    attach_state::<queue::Queue>(&[Class::Queue]);
    attach_state::<topic_partition::TopicPartition>(&[Class::TopicPartition]);
    attach_state::<metadata::Metadata>(&[Class::Metadata]);
    attach_state::<metadata_broker::Broker>(&[Class::MetadataBroker]);
    attach_state::<metadata_topic::Topic>(&[Class::MetadataTopic]);
    attach_state::<metadata_partition::Partition>(&[Class::MetadataPartition]);
    attach_state::<metadata_collection::Collection>(&[Class::MetadataCollection]);
}

/// The constructor of every class whose objects only the extension makes.
pub(crate) fn private_constructor(_call: &Call<'_>) -> Php<()> {
    Err(throw(Base::Exception, "Private constructor", 0))
}
