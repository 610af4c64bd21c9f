<?php
/** A topic of a producer. */

namespace RdKafka;

class ProducerTopic extends Topic
{
    /** Made by RdKafka\Producer::newTopic(). */
    private function __construct() {}

    /**
     * Queues a message; it is sent in the background.
     *
     * @param int $partition a partition, or RD_KAFKA_PARTITION_UA: the partitioner chooses
     * @param int $msgflags 0, or RD_KAFKA_MSG_F_BLOCK: wait for room in the queue
     * @param ?string $payload null is a tombstone
     * @param ?string $msg_opaque comes back in the delivery report
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__QUEUE_FULL among others
     * @throws \InvalidArgumentException
     */
    public function produce(int $partition, int $msgflags, ?string $payload = null, ?string $key = null, ?string $msg_opaque = null): void {}

    /**
     * Queues a message with headers and a timestamp.
     *
     * @param int $partition a partition, or RD_KAFKA_PARTITION_UA: the partitioner chooses
     * @param int $msgflags 0, or RD_KAFKA_MSG_F_BLOCK: wait for room in the queue
     * @param ?string $payload null is a tombstone
     * @param ?array<string, string> $headers
     * @param ?int $timestamp_ms milliseconds since 1970; null or 0 is now
     * @param ?string $msg_opaque comes back in the delivery report
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__QUEUE_FULL among others
     * @throws \InvalidArgumentException
     */
    public function producev(int $partition, int $msgflags, ?string $payload = null, ?string $key = null, ?array $headers = null, ?int $timestamp_ms = null, ?string $msg_opaque = null): void {}
}
