<?php
/** A topic of a low-level consumer. */

namespace RdKafka;

class ConsumerTopic extends Topic
{
    /** Made by RdKafka\Consumer::newTopic(). */
    private function __construct() {}

    /**
     * Starts a partition and delivers its messages into a queue.
     *
     * @param int $offset an offset, RD_KAFKA_OFFSET_*, or rd_kafka_offset_tail()
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function consumeQueueStart(int $partition, int $offset, Queue $queue): void {}

    /**
     * Calls the callback with messages for a time.
     *
     * @param int $timeout_ms how long, in milliseconds
     * @param callable(Message $message): mixed $callback
     * @return int number of messages; -1 for a partition that nobody knows
     */
    public function consumeCallback(int $partition, int $timeout_ms, callable $callback): int {}

    /**
     * Starts a partition.
     *
     * @param int $offset an offset, RD_KAFKA_OFFSET_*, or rd_kafka_offset_tail()
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function consumeStart(int $partition, int $offset): void {}

    /**
     * Stops a partition.
     *
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function consumeStop(int $partition): void {}

    /**
     * The next message of a partition.
     *
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return ?Message null when none came
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function consume(int $partition, int $timeout_ms): ?Message {}

    /**
     * Several messages of a partition.
     *
     * @param int $timeout_ms how long to wait for all of them, in milliseconds
     * @param int $batch_size the most to return
     * @return Message[]
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function consumeBatch(int $partition, int $timeout_ms, int $batch_size): array {}

    /**
     * Stores an offset to be committed: that of the last message that was handled.
     *
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION among others
     * @throws \InvalidArgumentException for a partition or batch size out of range
     */
    public function offsetStore(int $partition, int $offset): void {}
}
