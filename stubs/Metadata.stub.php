<?php
/** What a broker said about the cluster. */

namespace RdKafka;

class Metadata
{
    /** Made by getMetadata(). */
    private function __construct() {}

    /** Id of the broker that was asked. */
    public function getOrigBrokerId(): int {}

    /** Name of the broker that was asked. */
    public function getOrigBrokerName(): string {}

    /**
     * The brokers of the cluster.
     *
     * @return Metadata\Collection<Metadata\Broker>
     */
    public function getBrokers(): Metadata\Collection {}

    /**
     * The topics that were asked for.
     *
     * @return Metadata\Collection<Metadata\Topic>
     */
    public function getTopics(): Metadata\Collection {}
}
