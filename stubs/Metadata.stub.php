<?php
/** What a broker said about the cluster. */

namespace RdKafka;

class Metadata
{
    private function __construct() {}

    /** Id of the broker that was asked. */
    public function getOrigBrokerId(): int {}

    /** Name of the broker that was asked. */
    public function getOrigBrokerName(): string {}

    /** @return Metadata\Collection<Metadata\Broker> */
    public function getBrokers(): Metadata\Collection {}

    /** @return Metadata\Collection<Metadata\Topic> */
    public function getTopics(): Metadata\Collection {}
}
