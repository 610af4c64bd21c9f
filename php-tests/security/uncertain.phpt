--TEST--
Where a broker only hangs up, the likely cause is in the error callback and the log at once, and with the exception
--FILE--
<?php
require __DIR__ . '/_security.php';
$cases = [
    'TLS to a plain port' => ['PLAIN', secure_tls()],
    'plain text to a SASL port' => ['SASL', []],
    'a closed port' => [null, []],
];
foreach ($cases as $name => [$listener, $settings]) {
    $address = $listener === null ? '127.0.0.1:1' : ($listener === 'PLAIN' ? test_brokers() : secure($listener));
    $conf = test_conf(['bootstrap.servers' => $address, 'log_level' => 3] + $settings);
    $errors = $logs = [];
    $conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$errors): void {
        $errors[] = [$code, preg_replace(['~^[a-z_]*(://)?(localhost|127\.0\.0\.1):\d+/\w+: ~', '/ \(after.*/'], '', $reason)];
    });
    $conf->setLogCb(function ($kafka, int $level, string $facility, string $message) use (&$logs): void {
        $logs[$facility] = $message;
    });
    $producer = new RdKafka\Producer($conf);
    $start = microtime(true);
    test_until(function () use (&$errors) {
        return count($errors) >= 2;
    }, fn () => $producer->poll(100));
    [$code, $words] = $errors[0];
    echo "$name: $code $words\n  ", microtime(true) - $start < 5 ? 'soon' : 'late';
    echo str_contains($logs['FAIL'], $words) ? ', logged' : '', ", then {$errors[1][0]} {$errors[1][1]}\n";
    try {
        $producer->getMetadata(true, null, 500);
    } catch (RdKafka\Exception $exception) {
        echo "  {$exception->getMessage()} ({$exception->getCode()})",
            str_contains($exception->getPrevious()->getMessage(), $words) ? ', with the cause' : '', "\n";
    }
    $producer->poll(0);
    echo '  told ', count($errors), " times\n";
}
?>
--EXPECT--
TLS to a plain port: -195 SSL handshake failed: Disconnected: connection closed by peer: connecting to a PLAINTEXT broker listener?
  soon, logged, then -187 1/1 brokers are down
  Local: Broker transport failure (-195), with the cause
  told 2 times
plain text to a SASL port: -195 Disconnected: verify that security.protocol is correctly configured, broker might require SASL authentication
  soon, logged, then -187 1/1 brokers are down
  Local: Broker transport failure (-195), with the cause
  told 2 times
a closed port: -195 Connect to ipv4#127.0.0.1:1 failed: Connection refused
  soon, logged, then -187 1/1 brokers are down
  Local: Broker transport failure (-195), with the cause
  told 2 times
