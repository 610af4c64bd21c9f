--TEST--
metadata(), outqLen(), setLogLevel() and setLogger() are deprecated
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
set_error_handler(fn (int $level, string $message) => print("$level $message\n"));
var_dump($producer->outqLen(), $producer->setLogLevel(LOG_EMERG), $producer->metadata(false, null, 5000)::class);
var_dump($producer->setLogger(RD_KAFKA_LOG_PRINT), $producer->setLogger(RD_KAFKA_LOG_SYSLOG), $producer->setLogger(RD_KAFKA_LOG_SYSLOG_PRINT));
test_try(fn () => $producer->setLogger(5));
?>
--EXPECT--
8192 Method RdKafka::outqLen() is deprecated
8192 Method RdKafka::setLogLevel() is deprecated
8192 Method RdKafka::metadata() is deprecated
int(0)
NULL
string(16) "RdKafka\Metadata"
8192 Method RdKafka::setLogger() is deprecated
8192 Method RdKafka::setLogger() is deprecated
8192 Method RdKafka::setLogger() is deprecated
NULL
NULL
NULL
8192 Method RdKafka::setLogger() is deprecated
Exception(0): Invalid logger
