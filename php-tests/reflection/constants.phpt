--TEST--
Every described error has its constant
--FILE--
<?php
foreach (rd_kafka_get_err_descs() as $error) {
    if ($error['name'] !== null && constant('RD_KAFKA_RESP_ERR_' . $error['name']) !== $error['code']) {
        echo 'wrong: ', $error['name'], "\n";
    }
}
var_dump(count(rd_kafka_get_err_descs()), RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__TIMED_OUT);
--EXPECT--
int(190)
int(0)
int(-185)
