<?php
/** Configuration of a client. */

namespace RdKafka;

class Conf
{
    /** A configuration with every property at its default. */
    public function __construct() {}

    /**
     * Every property with its value.
     *
     * @return array<string, string>
     */
    public function dump(): array {}

    /**
     * Sets a property; CONFIGURATION.md lists them with types, ranges, units and defaults.
     *
     * Beyond upstream: the text of the exception names the property that was probably meant.
     *
     * @param string $value any type as a string: `'true'`, `'500'`, `'a,b'`; UTF-8
     * @throws Exception with code RD_KAFKA_CONF_UNKNOWN or RD_KAFKA_CONF_INVALID
     */
    public function set(string $name, string $value): void {}

    /**
     * Gives the topics that newTopic() makes without a TopicConf these properties.
     *
     * @deprecated set topic properties on the Conf itself
     */
    public function setDefaultTopicConf(TopicConf $topic_conf): void {}

    /**
     * Called with errors that belong to no message.
     *
     * @param callable(\RdKafka|KafkaConsumer $kafka, int $err, string $reason): mixed $callback `$err` is an
     *     RD_KAFKA_RESP_ERR_* code
     */
    public function setErrorCb(callable $callback): void {}

    /**
     * Called once per produced message, when it was delivered or given up.
     *
     * @param callable(Producer $kafka, Message $message): mixed $callback `$message->err` says what became of it
     */
    public function setDrMsgCb(callable $callback): void {}

    /**
     * Called every `statistics.interval.ms`.
     *
     * @param callable(\RdKafka|KafkaConsumer $kafka, string $json, int $length): mixed $callback `$json` has the
     *     fields of librdkafka's STATISTICS.md; times in it are microseconds unless it says otherwise
     */
    public function setStatsCb(callable $callback): void {}

    /**
     * Called when the group gives partitions to this consumer or takes them away; must call
     * assign(), or incrementalAssign() and incrementalUnassign().
     *
     * @param callable(KafkaConsumer $kafka, int $err, TopicPartition[] $partitions): mixed $callback `$err` is
     *     RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS or RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS
     */
    public function setRebalanceCb(callable $callback): void {}

    /**
     * Accepted and kept; no way to consume that PHP has calls it, as upstream.
     *
     * @param callable(Message $message, \RdKafka|KafkaConsumer $kafka): mixed $callback
     */
    public function setConsumeCb(callable $callback): void {}

    /**
     * Called when offsets were committed, or could not be.
     *
     * @param callable(KafkaConsumer $kafka, int $err, TopicPartition[] $partitions): mixed $callback each
     *     partition has its own result in getErr()
     */
    public function setOffsetCommitCb(callable $callback): void {}

    /**
     * Called with log lines, instead of writing them to standard error. They wait until a method
     * that runs callbacks is called.
     *
     * @param callable(\RdKafka|KafkaConsumer $kafka, int $level, string $facility, string $message): mixed $callback
     *     `$level` is a syslog level, 0 (emergency) to 7 (debug)
     */
    public function setLogCb(callable $callback): void {}

    /**
     * Called when SASL/OAUTHBEARER needs a token; must call oauthbearerSetToken() or
     * oauthbearerSetTokenFailure().
     *
     * @param callable(\RdKafka|KafkaConsumer $kafka, ?string $config): mixed $callback `$config` is
     *     `sasl.oauthbearer.config`
     */
    public function setOauthbearerTokenRefreshCb(callable $callback): void {}
}
