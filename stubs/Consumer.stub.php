<?php
/** The low-level consumer: partitions by hand, no group. */

namespace RdKafka;

class Consumer extends \RdKafka
{
    /** @throws Exception when the configuration does not work out */
    public function __construct(?Conf $conf = null) {}

    /** A queue that several partitions can deliver into. */
    public function newQueue(): Queue {}
}
