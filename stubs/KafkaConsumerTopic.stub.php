<?php
/** A topic of a group's consumer. */

namespace RdKafka;

class KafkaConsumerTopic extends Topic
{
    /** Made by RdKafka\KafkaConsumer::newTopic(). */
    private function __construct() {}

    /**
     * Stores an offset to be committed: that of the last message that was handled.
     *
     * @throws Exception with the error code: RD_KAFKA_RESP_ERR__STATE when the partition is not
     *     assigned, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION when nobody knows it
     * @throws \InvalidArgumentException for a partition out of range
     */
    public function offsetStore(int $partition, int $offset): void {}
}
