<?php
/** A record that was consumed, the report on one that was produced, or an event. */

namespace RdKafka;

class Message
{
    /** RD_KAFKA_RESP_ERR_NO_ERROR for a record, otherwise the error or event. */
    public int $err;

    public ?string $topic_name = null;

    /** Milliseconds since 1970; -1 when not available. */
    public ?int $timestamp = null;

    public int $partition;

    /** The record's value; null for a tombstone. */
    public ?string $payload = null;

    /** Length of the payload in bytes. */
    public ?int $len = null;

    public ?string $key = null;

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
