<?php
/** A topic of the cluster. */

namespace RdKafka\Metadata;

class Topic
{
    /** Made by RdKafka\Metadata::getTopics(). */
    private function __construct() {}

    /** The topic's name. */
    public function getTopic(): string {}

    /** RD_KAFKA_RESP_ERR_NO_ERROR, or why the topic cannot be described. */
    public function getErr(): int {}

    /**
     * The partitions of the topic.
     *
     * @return Collection<Partition>
     */
    public function getPartitions(): Collection {}
}
