--TEST--
OAUTHBEARER tokens are refused by a client that does not use that mechanism
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = test_conf();
$conf->setOauthbearerTokenRefreshCb(fn () => print("called\n"));
foreach ([new RdKafka\Producer($conf), new RdKafka\Consumer($conf)] as $client) {
    $client->poll(50);
    test_try(fn () => $client->oauthbearerSetToken('token', (time() + 100) * 1000, 'principal'));
    test_try(fn () => $client->oauthbearerSetToken('token', 0, 'principal', ['key' => 'value', 5]));
    test_try(fn () => $client->oauthbearerSetTokenFailure('why'));
}
?>
--EXPECT--
RdKafka\Exception(-172): SASL/OAUTHBEARER is not the configured authentication mechanism
RdKafka\Exception(-172): SASL/OAUTHBEARER is not the configured authentication mechanism
RdKafka\Exception(-172): 
RdKafka\Exception(-172): SASL/OAUTHBEARER is not the configured authentication mechanism
RdKafka\Exception(-172): SASL/OAUTHBEARER is not the configured authentication mechanism
RdKafka\Exception(-172): 
