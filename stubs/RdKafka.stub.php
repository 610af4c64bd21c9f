<?php
/** What producers and low-level consumers share. */

abstract class RdKafka
{
    /** @var ?callable */
    private $error_cb;

    /** @var ?callable */
    private $dr_cb;

    /** Use RdKafka\Producer or RdKafka\Consumer. */
    private function __construct() {}

    /**
     * Adds brokers to start from.
     *
     * @param string $broker_list `host[:port]`, separated by commas
     * @return int how many were added
     */
    public function addBrokers(string $broker_list): int {}

    /**
     * Asks a broker for the cluster's metadata.
     *
     * @param bool $all_topics every topic of the cluster, or only those this client uses
     * @param ?RdKafka\Topic $only_topic this topic alone
     * @param int $timeout_ms how long to wait, in milliseconds
     * @throws RdKafka\Exception with the error code, for instance RD_KAFKA_RESP_ERR__TRANSPORT
     */
    public function getMetadata(bool $all_topics, ?RdKafka\Topic $only_topic, int $timeout_ms): RdKafka\Metadata {}

    /**
     * The broker that is the cluster's controller.
     *
     * @param int $timeout_ms how long to wait for it to be known, in milliseconds
     * @return int its id; -1 when it is not known in time
     */
    public function getControllerId(int $timeout_ms): int {}

    /** Number of messages and requests that wait to be sent, answered, or reported. */
    public function getOutQLen(): int {}

    /**
     * The same as getMetadata().
     *
     * @throws RdKafka\Exception with the error code
     * @deprecated use getMetadata()
     */
    public function metadata(bool $all_topics, ?RdKafka\Topic $only_topic, int $timeout_ms): RdKafka\Metadata {}

    /**
     * Chooses which log lines are made.
     *
     * @param int $level a syslog level, 0 to 7
     * @deprecated set `log_level` in the configuration
     */
    public function setLogLevel(int $level): void {}

    /**
     * A handle for one topic; the topic itself is not created by it.
     *
     * @param ?RdKafka\TopicConf $topic_conf how to treat this topic; only the first handle of a
     *     topic takes it
     * @return ?RdKafka\Topic null when the name or the configuration is refused
     */
    public function newTopic(string $topic_name, ?RdKafka\TopicConf $topic_conf = null): RdKafka\Topic {}

    /**
     * The same as getOutQLen().
     *
     * @deprecated use getOutQLen()
     */
    public function outqLen(): int {}

    /**
     * Runs the callbacks of events that wait: delivery reports, errors, logs, statistics.
     *
     * @param int $timeout_ms how long to wait for a first event, in milliseconds; 0 does not
     *     wait, -1 waits until one comes
     * @return int number of events
     */
    public function poll(int $timeout_ms): int {}

    /**
     * Sends everything that was produced, without lingering, and waits for the answers; runs
     * callbacks as poll() does.
     *
     * @param int $timeout_ms in milliseconds; -1 has no limit
     * @return int RD_KAFKA_RESP_ERR_NO_ERROR, or RD_KAFKA_RESP_ERR__TIMED_OUT
     */
    public function flush(int $timeout_ms): int {}

    /**
     * Gives up messages; each is reported with RD_KAFKA_RESP_ERR__PURGE_QUEUE or
     * RD_KAFKA_RESP_ERR__PURGE_INFLIGHT.
     *
     * @param int $purge_flags RD_KAFKA_PURGE_F_*
     * @return int RD_KAFKA_RESP_ERR_NO_ERROR, or an error code
     */
    public function purge(int $purge_flags): int {}

    /**
     * Chooses where log lines go.
     *
     * The log callback, if there is one, is not called any more.
     *
     * @param int $logger RD_KAFKA_LOG_PRINT, RD_KAFKA_LOG_SYSLOG or RD_KAFKA_LOG_SYSLOG_PRINT
     * @throws \Exception for any other number
     * @deprecated use RdKafka\Conf::setLogCb()
     */
    public function setLogger(int $logger): void {}

    /**
     * Asks the broker for the first offset of a partition and the one after its last record.
     *
     * @param int $timeout_ms how long to wait, in milliseconds
     * @throws RdKafka\Exception with the error code
     */
    public function queryWatermarkOffsets(string $topic, int $partition, int &$low, int &$high, int $timeout_ms): void {}

    /**
     * Looks up the first offsets at or after given times.
     *
     * @param RdKafka\TopicPartition[] $topic_partitions their offsets are times, in milliseconds
     *     since 1970
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return RdKafka\TopicPartition[]
     * @throws RdKafka\Exception with the error code
     */
    public function offsetsForTimes(array $topic_partitions, int $timeout_ms): array {}

    /**
     * Stops sending to, or fetching from, these partitions.
     *
     * @param RdKafka\TopicPartition[] $topic_partitions
     * @return RdKafka\TopicPartition[] with an error code each
     */
    public function pausePartitions(array $topic_partitions): array {}

    /**
     * Goes on with partitions that were paused.
     *
     * @param RdKafka\TopicPartition[] $topic_partitions
     * @return RdKafka\TopicPartition[] with an error code each
     */
    public function resumePartitions(array $topic_partitions): array {}

    /**
     * Hands over a token for SASL/OAUTHBEARER, as the refresh callback should.
     *
     * @param int $lifetime_ms when the token expires, in milliseconds since 1970
     * @param array<string, string> $extensions SASL extensions (RFC 7628, section 3.1)
     * @throws RdKafka\Exception when the token is refused
     */
    public function oauthbearerSetToken(string $token_value, int $lifetime_ms, string $principal_name, array $extensions = []): void {}

    /**
     * Says that no token could be got.
     *
     * @throws RdKafka\Exception when the client does not use SASL/OAUTHBEARER
     */
    public function oauthbearerSetTokenFailure(string $error): void {}
}
