--TEST--
An unreachable broker is told to the error callback with -195 and -187
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$seen = [];
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1']);
$conf->setErrorCb(function (...$arguments) use (&$producer, &$seen): void {
    [$kafka, $code, $reason] = $arguments;
    $seen[$code] ??= count($arguments) . ' ' . var_export($kafka === $producer, true) . " $code " . rd_kafka_err2name($code) . ': '
        . preg_replace(['/after \d+ms/', '~^\d+/~'], ['after Nms', 'N/'], $reason);
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$seen) {
    return count($seen) >= 2;
}, fn () => $producer->poll(100));
sort($seen);
echo implode("\n", $seen), "\n";
?>
--EXPECT--
3 true -187 _ALL_BROKERS_DOWN: N/1 brokers are down
3 true -195 _TRANSPORT: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after Nms in state CONNECT)
