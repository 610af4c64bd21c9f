--TEST--
What oauthbearerSetToken() refuses
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$later = (int) (microtime(true) * 1000) + 60000;
$plain = test_producer();
test_try(fn () => $plain->oauthbearerSetToken('token', $later, 'me'));
test_try(fn () => $plain->oauthbearerSetTokenFailure('why'));
$conf = test_conf(['security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER', 'bootstrap.servers' => '127.0.0.1:1']);
$conf->setOauthbearerTokenRefreshCb(fn () => null);
$producer = new RdKafka\Producer($conf);
test_try(fn () => $producer->oauthbearerSetToken('token', $later, 'me'));
ob_start(fn (string $text) => preg_replace('/now=\d+ms/', 'now=Nms', $text));
test_try(fn () => $producer->oauthbearerSetToken('token', 1000, 'me'));
ob_end_flush();
test_try(fn () => $producer->oauthbearerSetToken("to\tken", $later, 'me'));
test_try(fn () => $producer->oauthbearerSetToken('', $later, 'me'));
test_try(fn () => $producer->oauthbearerSetToken('token', $later, ''));
test_try(fn () => $producer->oauthbearerSetToken('token', $later, 'me', ['extension' => 'value']));
test_try(fn () => $producer->oauthbearerSetToken('token', $later, 'me', ['auth' => 'value']));
test_try(fn () => $producer->oauthbearerSetToken('token', $later, 'me', ['1bad' => 'value']));
ob_start(fn (string $text) => preg_replace('/[^ -~\n]/', '?', $text));
test_try(fn () => $producer->oauthbearerSetToken('token', $later, 'me', ['name' => "bad\x01"]));
ob_end_flush();
test_try(fn () => $producer->oauthbearerSetTokenFailure('why'));
test_try(fn () => $producer->oauthbearerSetTokenFailure(''));
?>
--EXPECT--
RdKafka\Exception(-172): SASL/OAUTHBEARER is not the configured authentication mechanism
RdKafka\Exception(-172): 
returned null
RdKafka\Exception(-186): Must supply an unexpired token: now=Nms, exp=1000ms
returned null
returned null
returned null
returned null
RdKafka\Exception(-186): Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key
RdKafka\Exception(-186): SASL/OAUTHBEARER extension keys must only consist of A-Z or a-z characters: 1bad (1)
RdKafka\Exception(-186): SASL/OAUTHBEARER extension values must only consist of space, horizontal tab, CR, LF, and visible characters (%x21-7E): bad? (?)
returned null
RdKafka\Exception(-186):
