--TEST--
Without sasl.oauthbearer.config the token refresh callback gets null; a failure ends calls that wait, a token lets them go on
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1', 'security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER']);
$seen = [];
$conf->setOauthbearerTokenRefreshCb(function ($kafka, ?string $config) use (&$seen): void {
    $seen[] = $config;
    $kafka->oauthbearerSetTokenFailure('no token today');
});
$errors = [];
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$errors): void {
    $errors[] = "$code $reason";
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$errors) {
    return $errors !== [];
}, fn () => $producer->poll(100));
echo implode("\n", $errors), "\n";
var_dump($seen);
try {
    $producer->getMetadata(true, null, 20000);
} catch (RdKafka\Exception $exception) {
    echo $exception->getMessage(), ' (', $exception->getCode(), ")\n", $exception->getPrevious()?->getMessage(), "\n";
}
?>
--EXPECT--
-169 Failed to acquire SASL OAUTHBEARER token: no token today
array(1) {
  [0]=>
  NULL
}
Local: Authentication failure (-169)
Failed to acquire SASL OAUTHBEARER token: no token today
