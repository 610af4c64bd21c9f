<?php
/** A topic of a group's consumer. */

namespace RdKafka;

class KafkaConsumerTopic extends Topic
{
    private function __construct() {}

    /**
     * Stores an offset to be committed: that of the last message that was handled.
     *
     * @throws Exception with the error code
     */
    public function offsetStore(int $partition, int $offset): void {}
}
