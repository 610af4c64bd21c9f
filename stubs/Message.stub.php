<?php
/** A record that was consumed, the report on one that was produced, or an event. */

namespace RdKafka;

class Message
{
    /** RD_KAFKA_RESP_ERR_NO_ERROR for a record, otherwise the error or event. */
    public int $err;

    /** The topic; null for an event that belongs to none. */
    public ?string $topic_name = null;

    /** Milliseconds since 1970; -1 when not available. */
    public ?int $timestamp = null;

    /** The partition; 0 for an event that belongs to none. */
    public int $partition;

    /** The record's value; null for a tombstone. */
    public ?string $payload = null;

    /** Length of the payload in bytes. */
    public ?int $len = null;

    /** The record's key; null when it has none. */
    public ?string $key = null;

    /** The record's offset; RD_KAFKA_OFFSET_INVALID (-1001) when it has none. */
    public int $offset;

    /**
     * The record's headers; of headers with the same name, the last.
     *
     * @var array<string, string>
     */
    public array $headers;

    /** What produce() was given for this message. */
    public ?string $opaque = null;

    /** What `err` means, for humans. */
    public function errstr(): ?string {}
}
