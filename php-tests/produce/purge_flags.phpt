--TEST--
purge() knows its flags
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
var_dump(RD_KAFKA_PURGE_F_QUEUE, RD_KAFKA_PURGE_F_INFLIGHT, RD_KAFKA_PURGE_F_NON_BLOCKING);
foreach ([0, 1, 2, 3, 4, 5, 6, 7, 8, 15, -1] as $flags) {
    echo $flags, ': ', $producer->purge($flags), "\n";
}
$consumer = new RdKafka\Consumer(test_conf());
var_dump($consumer->purge(RD_KAFKA_PURGE_F_QUEUE));
?>
--EXPECT--
int(1)
int(2)
int(4)
0: 0
1: 0
2: 0
3: 0
4: 0
5: 0
6: 0
7: 0
8: -186
15: -186
-1: -186
int(-170)
