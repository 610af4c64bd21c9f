--TEST--
All brokers down is told when the last one is
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$seen = [];
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1,127.0.0.1:2']);
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$seen): void {
    $seen[$code][] = preg_replace(['/after \d+ms/', '/:[12]\b/', '~^\d+/~'], ['after Nms', ':PORT', 'N/'], $reason);
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$seen) {
    return isset($seen[RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN]);
}, fn () => $producer->poll(100));
echo implode("\n", array_unique($seen[RD_KAFKA_RESP_ERR__TRANSPORT])), "\n";
echo $seen[RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN][0], "\n";
?>
--EXPECT--
127.0.0.1:PORT/bootstrap: Connect to ipv4#127.0.0.1:PORT failed: Connection refused (after Nms in state CONNECT)
N/2 brokers are down
