--TEST--
A consumer has nothing to purge or flush, whatever the flags
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = new RdKafka\Consumer(test_conf());
foreach ([0, RD_KAFKA_PURGE_F_QUEUE, RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING, 8, -1, PHP_INT_MAX] as $flags) {
    echo $consumer->purge($flags), ' ';
}
echo $consumer->flush(0), ' ', $consumer->flush(100), "\n";
?>
--EXPECT--
-170 -170 -170 -170 -170 -170 -170 -170
