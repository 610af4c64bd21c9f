<?php
/** Configuration of a client. */

namespace RdKafka;

class Conf
{
    public function __construct() {}

    /**
     * Every property with its value.
     *
     * @return array<string, string>
     */
    public function dump(): array {}

    /**
     * Sets a property; CONFIGURATION.md lists them.
     *
     * @throws Exception with code RD_KAFKA_CONF_UNKNOWN or RD_KAFKA_CONF_INVALID
     */
    public function set(string $name, string $value): void {}

    /** @deprecated set topic properties on the Conf itself */
    public function setDefaultTopicConf(TopicConf $topic_conf): void {}

    /**
     * Called with errors that belong to no message.
     *
     * @param callable $callback function (RdKafka|KafkaConsumer $kafka, int $err, string $reason)
     */
    public function setErrorCb(callable $callback): void {}

    /**
     * Called once per produced message, when it was delivered or given up.
     *
     * @param callable $callback function (Producer $kafka, Message $message)
     */
    public function setDrMsgCb(callable $callback): void {}

    /**
     * Called every `statistics.interval.ms`.
     *
     * @param callable $callback function (RdKafka|KafkaConsumer $kafka, string $json, int $length)
     */
    public function setStatsCb(callable $callback): void {}

    /**
     * Called when the group gives partitions to this consumer or takes them away; must call
     * assign(), or incrementalAssign() and incrementalUnassign().
     *
     * @param callable $callback function (KafkaConsumer $kafka, int $err, ?array $partitions)
     */
    public function setRebalanceCb(callable $callback): void {}

    /**
     * Called with each message that poll() finds.
     *
     * @param callable $callback function (Message $message, RdKafka|KafkaConsumer $kafka)
     */
    public function setConsumeCb(callable $callback): void {}

    /**
     * Called when offsets were committed, or could not be.
     *
     * @param callable $callback function (KafkaConsumer $kafka, int $err, array $partitions)
     */
    public function setOffsetCommitCb(callable $callback): void {}

    /**
     * Called with log lines, instead of writing them to standard error.
     *
     * @param callable $callback function (RdKafka|KafkaConsumer $kafka, int $level, string $facility, string $message)
     */
    public function setLogCb(callable $callback): void {}

    /**
     * Called when SASL/OAUTHBEARER needs a token; must call oauthbearerSetToken() or
     * oauthbearerSetTokenFailure().
     *
     * @param callable $callback function (RdKafka|KafkaConsumer $kafka, ?string $config)
     */
    public function setOauthbearerTokenRefreshCb(callable $callback): void {}
}
