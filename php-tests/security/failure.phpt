--TEST--
Why a connection is refused reaches the error callback, the log and the exception within a second
--FILE--
<?php
require __DIR__ . '/_security.php';
$wrong = fn (string $mechanism): array => secure_sasl($mechanism, ['sasl.password' => 'wrong']);
$cases = [
    'unknown CA' => ['TLS', secure_tls(['ssl.ca.location' => secure_file('other-ca.pem')])],
    'expired' => ['EXPIRED', secure_tls()],
    'another name' => ['STRANGER', secure_tls()],
    'no client certificate' => ['MUTUAL', secure_tls()],
    'plain text to a TLS port' => ['TLS', []],
    'SASL to a port without' => [null, secure_sasl('PLAIN')],
    'wrong password, PLAIN' => ['SASL', $wrong('PLAIN')],
    'wrong password, SCRAM' => ['SASL', $wrong('SCRAM-SHA-256')],
    'wrong mechanism' => ['NARROW', secure_sasl('SCRAM-SHA-256')],
];
foreach ($cases as $name => [$listener, $settings]) {
    $conf = test_conf(['bootstrap.servers' => $listener === null ? test_brokers() : secure($listener), 'log_level' => 3] + $settings);
    $errors = $logs = [];
    $conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$errors): void {
        $errors[$code] ??= preg_replace(['~^[a-z_]*(://)?(localhost|127\.0\.0\.1):\d+/bootstrap: ~', '/ \(after.*/'], '', $reason);
    });
    $conf->setLogCb(function ($kafka, int $level, string $facility, string $message) use (&$logs): void {
        $logs[$facility] = $message;
    });
    $producer = new RdKafka\Producer($conf);
    $start = microtime(true);
    try {
        $producer->getMetadata(true, null, 10000);
        echo "$name: connected\n";
        continue;
    } catch (RdKafka\Exception $exception) {
        $took = microtime(true) - $start;
    }
    $producer->poll(0);
    $code = array_key_first($errors);
    $words = $errors[$code];
    // A second, and what a busy machine needs.
    echo "$name: $code $words\n  ", $took < 5 ? 'soon' : "after $took s", ": {$exception->getMessage()} ({$exception->getCode()})",
        str_contains($exception->getPrevious()->getMessage(), $words) ? ', with the cause' : '',
        str_contains($logs['FAIL'], $words) ? ', logged' : '', "\n";
}
?>
--EXPECTF--
unknown CA: -181 SSL handshake failed: certificate verify failed: unable to get local issuer certificate: broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA certificates are installed (install ca-certificates package)
  soon: Local: SSL error (-181), with the cause, logged
expired: -181 SSL handshake failed: certificate verify failed: certificate has expired: renew the broker's certificate, or its authority's
  soon: Local: SSL error (-181), with the cause, logged
another name: -181 SSL handshake failed: certificate verify failed: hostname mismatch: the broker is 127.0.0.1, its certificate is for elsewhere.example (see ssl.endpoint.identification.algorithm)
  soon: Local: SSL error (-181), with the cause, logged
no client certificate: -181 SSL handshake failed: alert %s from the broker: client SSL authentication might be required (see ssl.key.location and ssl.certificate.location and consult the broker logs for more information)
  soon: Local: SSL error (-181), with the cause, logged
plain text to a TLS port: -181 The broker answered with a TLS alert: security.protocol must be ssl or sasl_ssl for this listener
  soon: Local: SSL error (-181), with the cause, logged
SASL to a port without: -169 SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms: 
  soon: Local: Authentication failure (-169), with the cause, logged
wrong password, PLAIN: -169 SASL authentication error: Authentication failed: Invalid username or password
  soon: Local: Authentication failure (-169), with the cause, logged
wrong password, SCRAM: -169 SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256
  soon: Local: Authentication failure (-169), with the cause, logged
wrong mechanism: -169 SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: PLAIN
  soon: Local: Authentication failure (-169), with the cause, logged
