--TEST--
Of subscribed topics the missing one is told once, the existing one is read
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$existing = test_topic();
$missing = test_name();
test_produce($existing, ['a', 'b']);
$consumer = test_consumer();
$consumer->subscribe([$existing, $missing]);
$read = $errors = [];
test_until(function () use (&$read, &$errors) {
    return count($read) === 2 && $errors !== [];
}, function () use ($consumer, &$read, &$errors): void {
    $m = $consumer->consume(200);
    if ($m->err === 0) {
        $read[] = $m->payload;
    } elseif ($m->err !== RD_KAFKA_RESP_ERR__TIMED_OUT) {
        $errors[] = $m;
    }
});
echo implode(' ', $read), "\n";
foreach ($errors as $m) {
    echo $m->err, ' ', $m->errstr(), ' ', str_replace($missing, 'missing', $m->payload), ' ', json_encode([$m->topic_name === $missing, $m->partition, $m->offset]), "\n";
}
?>
--EXPECT--
a b
3 Broker: Unknown topic or partition Subscribed topic not available: missing: Broker: Unknown topic or partition [true,0,-1001]
