<?php
/** A list inside the metadata. */

namespace RdKafka\Metadata;

class Collection implements \Countable, \Iterator
{
    private function __construct() {}

    public function count(): int {}

    /** @throws \RdKafka\Exception past the end */
    public function current(): mixed {}

    /** @throws \RdKafka\Exception past the end */
    public function key(): int {}

    public function next(): void {}

    public function rewind(): void {}

    public function valid(): bool {}
}
