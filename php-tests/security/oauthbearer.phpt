--TEST--
Tokens of the refresh callback authenticate, and again before the session ends, on the same connection
--FILE--
<?php
require __DIR__ . '/_security.php';
$conf = test_conf([
    'bootstrap.servers' => secure('SASL'), 'security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER',
    'debug' => 'security',
]);
$asked = 0;
$conf->setOauthbearerTokenRefreshCb(function ($kafka, ?string $config) use (&$asked): void {
    $asked++;
    $kafka->oauthbearerSetToken(secure_token('alice', 8), (time() + 8) * 1000, 'alice', ['traceId' => '7']);
});
$lines = [];
$conf->setLogCb(function ($kafka, int $level, string $facility, string $message) use (&$lines): void {
    $lines[$facility] = ($lines[$facility] ?? 0) + 1;
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(test_topic());
for ($until = microtime(true) + 8; microtime(true) < $until;) {
    $topic->produce(0, 0, 'hello');
    $producer->poll(50);
}
echo 'left: ', $producer->flush(5000), "\n";
echo 'tokens: ', $asked >= 2 ? 'more than one' : $asked, "\n";
echo 'authenticated again: ', ($lines['REAUTH'] ?? 0) > 0 ? 'yes' : 'no', "\n";
echo 'failures: ', $lines['FAIL'] ?? 0, "\n";
?>
--EXPECT--
left: 0
tokens: more than one
authenticated again: yes
failures: 0
