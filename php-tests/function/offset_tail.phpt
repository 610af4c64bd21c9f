--TEST--
rd_kafka_offset_tail() counts down from -2000
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach ([0, 1, 10, 100000, -1, -2000] as $count) {
    echo $count, ' ', rd_kafka_offset_tail($count), "\n";
}
var_dump(RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END, RD_KAFKA_OFFSET_STORED, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_BLOCK);
?>
--EXPECT--
0 -2000
1 -2001
10 -2010
100000 -102000
-1 -1999
-2000 0
int(-2)
int(-1)
int(-1000)
int(-1)
int(4)
