--TEST--
rd_kafka_thread_cnt() is what it was when the client is gone again
--FILE--
<?php
require __DIR__ . '/../_harness.php';
test_brokers();
$before = rd_kafka_thread_cnt();
$producer = test_producer();
var_dump(is_int(rd_kafka_thread_cnt()));
unset($producer);
test_until(fn () => rd_kafka_thread_cnt() === $before, fn () => usleep(10000), 5);
var_dump(rd_kafka_thread_cnt() === $before);
?>
--EXPECT--
bool(true)
bool(true)
