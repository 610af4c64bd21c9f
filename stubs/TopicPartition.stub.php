<?php
/** A partition of a topic, with an offset. */

namespace RdKafka;

class TopicPartition
{
    /** @param int $offset an offset, RD_KAFKA_OFFSET_*, or a time for offsetsForTimes() */
    public function __construct(string $topic, int $partition, int $offset = 0) {}

    public function getTopic(): ?string {}

    /** @return TopicPartition this object */
    public function setTopic(string $topic_name): TopicPartition {}

    public function getPartition(): int {}

    /** @return TopicPartition this object */
    public function setPartition(int $partition): TopicPartition {}

    public function getOffset(): int {}

    /** @return TopicPartition this object */
    public function setOffset(int $offset): TopicPartition {}

    /** RD_KAFKA_RESP_ERR_NO_ERROR, or what went wrong with this partition. */
    public function getErr(): ?int {}
}
