<?php
/** Several partitions of a low-level consumer in one queue. */

namespace RdKafka;

class Queue
{
    /** Made by RdKafka\Consumer::newQueue(). */
    private function __construct() {}

    /**
     * The next message of any of the partitions.
     *
     * @param int $timeout_ms how long to wait, in milliseconds
     * @return ?Message null when none came
     * @throws Exception with the error code
     */
    public function consume(int $timeout_ms): ?Message {}
}
