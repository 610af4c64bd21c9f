<?php
/** A partition of a topic. */

namespace RdKafka\Metadata;

class Partition
{
    /** Made by RdKafka\Metadata\Topic::getPartitions(). */
    private function __construct() {}

    /** The partition's number. */
    public function getId(): int {}

    /** RD_KAFKA_RESP_ERR_NO_ERROR, or why the partition is not available. */
    public function getErr(): int {}

    /** Id of the broker that leads the partition; -1 when there is none. */
    public function getLeader(): int {}

    /** @return Collection<int> ids of the brokers that hold the partition */
    public function getReplicas(): Collection {}

    /** @return Collection<int> ids of the brokers that are in sync with the leader */
    public function getIsrs(): Collection {}
}
