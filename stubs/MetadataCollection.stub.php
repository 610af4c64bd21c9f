<?php
/** A list inside the metadata. */

namespace RdKafka\Metadata;

/**
 * A list that can be counted and iterated, again and again; current() makes a new object each time.
 *
 * @template T
 * @implements \Iterator<int, T>
 */
class Collection implements \Countable, \Iterator
{
    /** Made by the methods of metadata. */
    private function __construct() {}

    /** Number of elements. */
    public function count(): int {}

    /**
     * The element at the position.
     *
     * @return T
     * @throws \RdKafka\Exception past the end
     */
    public function current(): mixed {}

    /**
     * The position, from 0.
     *
     * @throws \RdKafka\Exception past the end
     */
    public function key(): int {}

    /** Goes on to the next element. */
    public function next(): void {}

    /** Goes back to the first element. */
    public function rewind(): void {}

    /** Whether there is an element at the position. */
    public function valid(): bool {}
}
