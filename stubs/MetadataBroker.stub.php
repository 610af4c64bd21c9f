<?php
/** A broker of the cluster. */

namespace RdKafka\Metadata;

class Broker
{
    private function __construct() {}

    public function getId(): int {}

    public function getHost(): string {}

    public function getPort(): int {}
}
