<?php
/** The consumer of a group. */

namespace RdKafka;

class KafkaConsumer
{
    /** @var ?callable */
    private $error_cb;

    /** @var ?callable */
    private $rebalance_cb;

    /** @var ?callable */
    private $dr_msg_cb;

    /** @throws Exception when `group.id` is missing or the configuration does not work out */
    public function __construct(Conf $conf) {}

    /**
     * Consumes exactly these partitions, from the offsets given; null consumes none.
     *
     * @param ?TopicPartition[] $topic_partitions
     * @throws Exception with the error code
     */
    public function assign(?array $topic_partitions = null): void {}

    /**
     * Consumes these partitions too.
     *
     * @param TopicPartition[] $topic_partitions
     * @throws Exception
     */
    public function incrementalAssign(array $topic_partitions): void {}

    /**
     * Consumes these partitions no longer.
     *
     * @param TopicPartition[] $topic_partitions
     * @throws Exception
     */
    public function incrementalUnassign(array $topic_partitions): void {}

    /**
     * The partitions that are consumed.
     *
     * @return TopicPartition[]
     * @throws Exception with the error code
     */
    public function getAssignment(): array {}

    /**
     * Commits offsets and waits for the answer.
     *
     * @param Message|TopicPartition[]|null $message_or_offsets a message: the offset after it;
     *     partitions: the offsets they carry; null: what was consumed so far
     * @throws Exception with the error code, RD_KAFKA_RESP_ERR__NO_OFFSET when there is nothing
     *     to commit
     */
    public function commit(Message|array|null $message_or_offsets = null): void {}

    /** Leaves the group and closes the consumer; the last rebalance runs its callback. */
    public function close(): void {}

    /**
     * Commits offsets without waiting; the offset commit callback gets the answer.
     *
     * @param Message|TopicPartition[]|null $message_or_offsets see commit()
     * @throws Exception with the error code
     */
    public function commitAsync(Message|array|null $message_or_offsets = null): void {}

    /**
     * The next message; runs callbacks.
     *
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return Message one whose `err` is RD_KAFKA_RESP_ERR__TIMED_OUT when none came (or a signal
     *     arrived), RD_KAFKA_RESP_ERR__PARTITION_EOF at the end of a partition where
     *     `enable.partition.eof` is set, or an error
     */
    public function consume(int $timeout_ms): Message {}

    /**
     * Consumes these topics together with the rest of the group.
     *
     * @param string[] $topics names, or regular expressions that start with `^`
     * @throws Exception with the error code
     */
    public function subscribe(array $topics): void {}

    /**
     * The topics that were subscribed to.
     *
     * @return string[]
     * @throws Exception with the error code
     */
    public function getSubscription(): array {}

    /**
     * Subscribes to nothing.
     *
     * @throws Exception with the error code
     */
    public function unsubscribe(): void {}

    /**
     * Asks a broker for the cluster's metadata.
     *
     * @param bool $all_topics every topic of the cluster, or only those this client uses
     * @param ?Topic $only_topic this topic alone
     * @param int $timeout_ms how long to wait, in milliseconds
     * @throws Exception with the error code
     */
    public function getMetadata(bool $all_topics, ?Topic $only_topic, int $timeout_ms): Metadata {}

    /**
     * The broker that is the cluster's controller.
     *
     * @param int $timeout_ms how long to wait for it to be known, in milliseconds
     * @return int its id; -1 when it is not known in time
     */
    public function getControllerId(int $timeout_ms): int {}

    /**
     * A handle for one topic, to store offsets with.
     *
     * @return ?KafkaConsumerTopic null when the name or the configuration is refused
     */
    public function newTopic(string $topic_name, ?TopicConf $topic_conf = null): KafkaConsumerTopic {}

    /**
     * The offsets that the group has committed.
     *
     * @param TopicPartition[] $topic_partitions
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return TopicPartition[]
     * @throws Exception with the error code
     */
    public function getCommittedOffsets(array $topic_partitions, int $timeout_ms): array {}

    /**
     * The offsets of the next messages that consume() would return.
     *
     * @param TopicPartition[] $topic_partitions
     * @return TopicPartition[]
     * @throws Exception with the error code
     */
    public function getOffsetPositions(array $topic_partitions): array {}

    /**
     * Asks the broker for the first offset of a partition and the one after its last record.
     *
     * @param int $timeout_ms how long to wait, in milliseconds
     * @throws Exception with the error code
     */
    public function queryWatermarkOffsets(string $topic, int $partition, int &$low, int &$high, int $timeout_ms): void {}

    /**
     * Looks up the first offsets at or after given times.
     *
     * @param TopicPartition[] $topic_partitions their offsets are times, in milliseconds since
     *     1970
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return TopicPartition[]
     * @throws Exception with the error code
     */
    public function offsetsForTimes(array $topic_partitions, int $timeout_ms): array {}

    /**
     * Stops fetching from these partitions.
     *
     * @param TopicPartition[] $topic_partitions
     * @return TopicPartition[] with an error code each
     */
    public function pausePartitions(array $topic_partitions): array {}

    /**
     * Goes on with partitions that were paused.
     *
     * @param TopicPartition[] $topic_partitions
     * @return TopicPartition[] with an error code each
     */
    public function resumePartitions(array $topic_partitions): array {}
}
