<?php
/** Thrown by transactions: also says what can be done about the error. */

namespace RdKafka;

class KafkaErrorException extends Exception
{
    private string $error_string;

    private bool $isFatal;

    private bool $isRetriable;

    private bool $transactionRequiresAbort;

    public function __construct(string $message, int $code, string $error_string, bool $isFatal, bool $isRetriable, bool $transactionRequiresAbort) {}

    /** What went wrong, for humans. */
    public function getErrorString(): string {}

    /** The producer is of no further use. */
    public function isFatal(): bool {}

    /** The call may be made again. */
    public function isRetriable(): bool {}

    /** The transaction must be aborted; a new one may begin then. */
    public function transactionRequiresAbort(): bool {}
}
