<?php
/** A topic of the cluster. */

namespace RdKafka\Metadata;

class Topic
{
    private function __construct() {}

    public function getTopic(): string {}

    /** RD_KAFKA_RESP_ERR_NO_ERROR, or why the topic cannot be described. */
    public function getErr(): int {}

    /** @return Collection<Partition> */
    public function getPartitions(): Collection {}
}
