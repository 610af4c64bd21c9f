<?php
/** Thrown by transactions: also says what can be done about the error. */

namespace RdKafka;

class KafkaErrorException extends Exception
{
    /** See getErrorString(). */
    private string $error_string;

    /** See isFatal(). */
    private bool $isFatal;

    /** See isRetriable(). */
    private bool $isRetriable;

    /** See transactionRequiresAbort(). */
    private bool $transactionRequiresAbort;

    /**
     * @param string $message the text, with the code's name
     * @param int $code an RD_KAFKA_RESP_ERR_* code
     * @param string $error_string the text alone
     */
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
