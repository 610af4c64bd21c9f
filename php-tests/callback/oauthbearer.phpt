--TEST--
The token refresh callback gets the client and sasl.oauthbearer.config
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$seen = null;
$conf = test_conf(['security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER', 'sasl.oauthbearer.config' => 'my config']);
$conf->setOauthbearerTokenRefreshCb(function (...$arguments) use (&$producer, &$seen): void {
    [$kafka, $config] = $arguments;
    $seen = [count($arguments), $kafka === $producer, $config];
    $kafka->oauthbearerSetTokenFailure('no token today');
});
$errors = [];
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$errors): void {
    $errors[$code] = $reason;
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$seen) {
    return $seen !== null;
}, fn () => $producer->poll(100));
echo json_encode($seen), "\n";
test_until(function () use (&$errors) {
    return isset($errors[RD_KAFKA_RESP_ERR__AUTHENTICATION]);
}, fn () => $producer->poll(100));
echo $errors[RD_KAFKA_RESP_ERR__AUTHENTICATION], "\n";
?>
--EXPECT--
[2,true,"my config"]
Failed to acquire SASL OAUTHBEARER token: no token today
