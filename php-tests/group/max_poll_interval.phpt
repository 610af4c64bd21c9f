--TEST--
A consumer that does not poll in time is told -147 once and joins again
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = test_consumer(['session.timeout.ms' => 6000, 'max.poll.interval.ms' => 6000, 'heartbeat.interval.ms' => 1000, 'enable.auto.commit' => 'false']);
$consumer->subscribe([$topic]);
echo test_consume($consumer, 1)[0]->payload, "\n";
usleep(7500000);
$codes = [];
test_until(function () use (&$codes) {
    return in_array(0, $codes, true);
}, function () use ($consumer, &$codes): void {
    $m = $consumer->consume(200);
    if ($m->err !== RD_KAFKA_RESP_ERR__TIMED_OUT) {
        $codes[] = $m->err;
        echo $m->err, ' ', $m->errstr(), ': ', $m->err === 0 ? $m->payload : preg_replace('/\d+ms/', 'Nms', $m->payload), "\n";
    }
});
?>
--EXPECT--
a
-147 Local: Maximum application poll interval (max.poll.interval.ms) exceeded: Application maximum poll interval (Nms) exceeded by Nms
0 Success: a
