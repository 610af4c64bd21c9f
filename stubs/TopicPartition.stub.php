<?php
/** A partition of a topic, with an offset. */

namespace RdKafka;

class TopicPartition
{
    /**
     * @param int $partition 32 bits are kept
     * @param int $offset an offset, RD_KAFKA_OFFSET_*, or for offsetsForTimes() a time in
     *     milliseconds since 1970; what is not given is offset 0
     */
    public function __construct(string $topic, int $partition, int $offset = 0) {}

    /** The topic's name. */
    public function getTopic(): ?string {}

    /**
     * Changes the topic.
     *
     * @return TopicPartition this object
     */
    public function setTopic(string $topic_name): TopicPartition {}

    /** The partition's number. */
    public function getPartition(): int {}

    /**
     * Changes the partition.
     *
     * @return TopicPartition this object
     */
    public function setPartition(int $partition): TopicPartition {}

    /** The offset, one of RD_KAFKA_OFFSET_*, or -1001 for none. */
    public function getOffset(): int {}

    /**
     * Changes the offset.
     *
     * @return TopicPartition this object
     */
    public function setOffset(int $offset): TopicPartition {}

    /** RD_KAFKA_RESP_ERR_NO_ERROR, or what went wrong with this partition. */
    public function getErr(): ?int {}
}
