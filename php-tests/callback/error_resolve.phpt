--TEST--
A host that cannot be resolved is told with -193
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$seen = [];
$conf = test_conf(['bootstrap.servers' => 'no-such-host.invalid:9092']);
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$seen): void {
    $seen[$code] ??= $reason;
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$seen) {
    return isset($seen[RD_KAFKA_RESP_ERR__RESOLVE], $seen[RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN]);
}, fn () => $producer->poll(100));
echo preg_match("~^no-such-host\\.invalid:9092/bootstrap: Failed to resolve 'no-such-host\\.invalid:9092': .+ \\(after \\d+ms in state CONNECT\\)$~", $seen[RD_KAFKA_RESP_ERR__RESOLVE]), "\n";
echo preg_replace('~^\d+/~', 'N/', $seen[RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN]), "\n";
?>
--EXPECT--
1
N/1 brokers are down
