--TEST--
An exception in an error callback leaves poll()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$thrown = 0;
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1']);
$conf->setErrorCb(function ($kafka, int $code, string $reason): void {
    throw new RuntimeException('from the error callback', $code);
});
$producer = new RdKafka\Producer($conf);
$codes = [];
test_until(function () use (&$codes) {
    return $codes !== [];
}, function () use ($producer, &$codes): void {
    try {
        $producer->poll(100);
    } catch (RuntimeException $e) {
        $codes[] = $e->getCode();
        echo $e->getMessage(), "\n";
    }
});
var_dump(in_array($codes[0], [RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN], true));
?>
--EXPECT--
from the error callback
bool(true)
