--TEST--
Arguments are coerced and refused as PHP does
--FILE--
<?php
function attempt(callable $try): void
{
    try {
        var_dump($try());
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
set_error_handler(function (int $level, string $message): bool {
    echo "[$level] $message\n";
    return true;
});
attempt(fn () => rd_kafka_err2str('-185'));
attempt(fn () => rd_kafka_err2str(-185.0));
attempt(fn () => rd_kafka_err2str(-185.5));
attempt(fn () => rd_kafka_err2str(true));
attempt(fn () => rd_kafka_err2str(null));
attempt(fn () => rd_kafka_err2str('x'));
attempt(fn () => rd_kafka_err2str([]));
attempt(fn () => rd_kafka_err2str());
attempt(fn () => rd_kafka_err2str(1, 2));
attempt(fn () => rd_kafka_thread_cnt(1));
attempt(fn () => rd_kafka_errno2err(22));
attempt(fn () => is_int(rd_kafka_errno()));
attempt(fn () => rd_kafka_offset_tail(cnt: 3));
attempt(fn () => rd_kafka_offset_tail(nope: 3));
--EXPECT--
string(16) "Local: Timed out"
string(16) "Local: Timed out"
[8192] Implicit conversion from float -185.5 to int loses precision
string(16) "Local: Timed out"
string(27) "Broker: Offset out of range"
[8192] rd_kafka_err2str(): Passing null to parameter #1 ($err) of type int is deprecated
string(7) "Success"
TypeError: rd_kafka_err2str(): Argument #1 ($err) must be of type int, string given
TypeError: rd_kafka_err2str(): Argument #1 ($err) must be of type int, array given
ArgumentCountError: rd_kafka_err2str() expects exactly 1 argument, 0 given
ArgumentCountError: rd_kafka_err2str() expects exactly 1 argument, 2 given
ArgumentCountError: rd_kafka_thread_cnt() expects exactly 0 arguments, 1 given
[8192] Function rd_kafka_errno2err() is deprecated
int(-186)
[8192] Function rd_kafka_errno() is deprecated
bool(true)
int(-2003)
Error: Unknown named parameter $nope
