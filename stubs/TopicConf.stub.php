<?php
/** Configuration of a topic handle. */

namespace RdKafka;

class TopicConf
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
     * Sets a property; CONFIGURATION.md lists those of topics.
     *
     * @throws Exception with code RD_KAFKA_CONF_UNKNOWN or RD_KAFKA_CONF_INVALID
     */
    public function set(string $name, string $value): void {}

    /**
     * Chooses how keys become partitions.
     *
     * @param int $partitioner RD_KAFKA_MSG_PARTITIONER_*
     * @throws \InvalidArgumentException
     */
    public function setPartitioner(int $partitioner): void {}
}
