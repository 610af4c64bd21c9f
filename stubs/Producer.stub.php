<?php
/** Sends messages; see newTopic(). */

namespace RdKafka;

class Producer extends \RdKafka
{
    /** @throws Exception when the configuration does not work out */
    public function __construct(?Conf $conf = null) {}

    /**
     * Gets this producer's transactional id from the cluster; once, before anything else.
     *
     * @param int $timeout_ms how long to wait, in milliseconds; -1 has no limit
     * @throws KafkaErrorException
     */
    public function initTransactions(int $timeout_ms): void {}

    /**
     * Begins a transaction.
     *
     * @throws KafkaErrorException
     */
    public function beginTransaction(): void {}

    /**
     * Sends what is queued and commits the transaction; runs callbacks as flush() does.
     *
     * @param int $timeout_ms how long to wait, in milliseconds; -1 has no limit
     * @throws KafkaErrorException
     */
    public function commitTransaction(int $timeout_ms): void {}

    /**
     * Drops what is queued and aborts the transaction; runs callbacks as flush() does.
     *
     * @param int $timeout_ms how long to wait, in milliseconds; -1 has no limit
     * @throws KafkaErrorException
     */
    public function abortTransaction(int $timeout_ms): void {}
}
