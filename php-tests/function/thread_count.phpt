--TEST--
rd_kafka_thread_cnt() is zero again when every client is gone
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
var_dump(is_int(rd_kafka_thread_cnt()));
unset($producer);
test_until(fn () => rd_kafka_thread_cnt() === 0, fn () => usleep(10000), 5);
var_dump(rd_kafka_thread_cnt());
?>
--EXPECT--
bool(true)
int(0)
