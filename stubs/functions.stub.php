<?php
/** Functions of the extension. */

/**
 * The table of error codes.
 *
 * @return array<int, array{code: int, name: ?string, desc: ?string}> one row per code
 */
function rd_kafka_get_err_descs(): array {}

/**
 * The name of an error code without its prefix: `-185` is `_TIMED_OUT`.
 *
 * @param int $err an RD_KAFKA_RESP_ERR_* code
 */
function rd_kafka_err2name(int $err): ?string {}

/**
 * What an error code means, for humans.
 *
 * @param int $err an RD_KAFKA_RESP_ERR_* code
 */
function rd_kafka_err2str(int $err): ?string {}

/**
 * The RD_KAFKA_RESP_ERR_* code that stands for an `errno` of the operating system.
 *
 * @deprecated exceptions and return values carry the code
 */
function rd_kafka_errno2err(int $errnox): int {}

/**
 * The `errno` of the operating system on this thread.
 *
 * @deprecated exceptions and return values carry the code
 */
function rd_kafka_errno(): int {}

/**
 * An offset that means "so many records before the end", for consumeStart().
 *
 * @param int $cnt number of records before the end of the partition
 */
function rd_kafka_offset_tail(int $cnt): int {}

/** Number of threads that the extension runs in this process. */
function rd_kafka_thread_cnt(): int {}
