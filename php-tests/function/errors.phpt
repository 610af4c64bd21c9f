--TEST--
Names and texts of error codes
--FILE--
<?php
foreach ([0, 1, 3, 133, -1, -100, -185, -191, -200, -5, 9999, 99999, PHP_INT_MAX] as $code) {
    printf("%d: %s, %s\n", $code, rd_kafka_err2name($code), rd_kafka_err2str($code));
}
foreach ([0, 1, 2, 3, 11, 16, 22, 90, 105, 110, 125, -1, PHP_INT_MAX] as $errno) {
    printf("errno %d: %d\n", $errno, @rd_kafka_errno2err($errno));
}
echo rd_kafka_offset_tail(5), ' ', rd_kafka_offset_tail(0), ' ', rd_kafka_offset_tail(-3), "\n";
--EXPECT--
0: NO_ERROR, Success
1: OFFSET_OUT_OF_RANGE, Broker: Offset out of range
3: UNKNOWN_TOPIC_OR_PART, Broker: Unknown topic or partition
133: SHARE_SESSION_LIMIT_REACHED, Broker: The limit of share sessions has been reached
-1: UNKNOWN, Unknown broker error
-100: ERR_-100?, Err--100?
-185: _TIMED_OUT, Local: Timed out
-191: _PARTITION_EOF, Broker: No more messages
-200: ERR_-200?, Err--200?
-5: ERR_-5?, Err--5?
9999: ERR_9999?, Err-9999?
99999: ERR_99999?, Err-99999?
9223372036854775807: UNKNOWN, Unknown broker error
errno 0: -196
errno 1: -196
errno 2: -188
errno 3: -190
errno 11: -196
errno 16: -173
errno 22: -186
errno 90: 10
errno 105: -184
errno 110: -185
errno 125: -150
errno -1: -196
errno 9223372036854775807: -196
-2005 -2000 -1997
