--TEST--
errstr() is the text of the error code
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$m = new RdKafka\Message();
foreach ([0, 1, 3, 10, 27, -185, -191, -187, -168, 12345, -12345] as $err) {
    $m->err = $err;
    $m->payload = 'the payload does not matter';
    echo $err, ' ', json_encode($m->errstr()), "\n";
}
test_try(fn () => $m->errstr(1));
?>
--EXPECT--
0 "Success"
1 "Broker: Offset out of range"
3 "Broker: Unknown topic or partition"
10 "Broker: Message size too large"
27 "Broker: Group rebalance in progress"
-185 "Local: Timed out"
-191 "Broker: No more messages"
-187 "Local: All broker connections are down"
-168 "Local: No offset stored"
12345 "Err-12345?"
-12345 "Err--12345?"
ArgumentCountError(0): RdKafka\Message::errstr() expects exactly 0 arguments, 1 given
