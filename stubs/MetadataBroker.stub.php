<?php
/** A broker of the cluster. */

namespace RdKafka\Metadata;

class Broker
{
    /** Made by RdKafka\Metadata::getBrokers(). */
    private function __construct() {}

    /** The broker's id. */
    public function getId(): int {}

    /** The host name or address that the broker advertises. */
    public function getHost(): string {}

    /** The port that the broker advertises. */
    public function getPort(): int {}
}
