--TEST--
Messages go and come over TLS and SASL, in every way to say who one is
--FILE--
<?php
require __DIR__ . '/_security.php';
$own = ['ssl.certificate.location' => secure_file('client.pem')];
$plain = secure_sasl('PLAIN');
$cases = [
    'CA file' => ['TLS', secure_tls()],
    'CA string' => ['TLS', ['security.protocol' => 'ssl', 'ssl.ca.pem' => file_get_contents(secure_file('ca.pem'))]],
    'CA directory' => ['TLS', secure_tls(['ssl.ca.location' => __DIR__ . '/certificates'])],
    'nothing verified' => ['TLS', ['security.protocol' => 'ssl', 'enable.ssl.certificate.verification' => 'false']],
    'name not compared' => ['STRANGER', secure_tls(['ssl.endpoint.identification.algorithm' => 'none'])],
    'a cipher suite' => ['TLS', secure_tls(['ssl.cipher.suites' => 'ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_256_GCM_SHA384'])],
    'client key' => ['MUTUAL', secure_tls($own + ['ssl.key.location' => secure_file('client.key')])],
    'client key with a password' => ['MUTUAL', secure_tls($own + [
        'ssl.key.location' => secure_file('client.encrypted.key'), 'ssl.key.password' => 'key-secret',
    ])],
    'client key as a string' => ['MUTUAL', secure_tls([
        'ssl.certificate.pem' => file_get_contents(secure_file('client.pem')),
        'ssl.key.pem' => file_get_contents(secure_file('client.key')),
    ])],
    'PKCS#12' => ['MUTUAL', secure_tls([
        'ssl.keystore.location' => secure_file('client.p12'), 'ssl.keystore.password' => 'store-secret',
    ])],
    'PLAIN' => ['SASL', $plain],
    'SCRAM-SHA-256' => ['SASL', secure_sasl('SCRAM-SHA-256')],
    'SCRAM-SHA-512' => ['SASL', secure_sasl('SCRAM-SHA-512')],
    'OAUTHBEARER' => ['SASL', [
        'security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER',
        'enable.sasl.oauthbearer.unsecure.jwt' => 'true', 'sasl.oauthbearer.config' => 'principal=alice',
    ]],
    'PLAIN over TLS' => ['SASL_TLS', secure_tls(['security.protocol' => 'sasl_ssl'] + $plain)],
    'SCRAM-SHA-512 over TLS' => ['SASL_TLS', secure_tls(['security.protocol' => 'sasl_ssl'] + secure_sasl('SCRAM-SHA-512'))],
];
foreach ($cases as $name => [$listener, $settings]) {
    echo "$name: ", secure_round_trip(secure($listener), $settings), "\n";
}
?>
--EXPECT--
CA file: hello
CA string: hello
CA directory: hello
nothing verified: hello
name not compared: hello
a cipher suite: hello
client key: hello
client key with a password: hello
client key as a string: hello
PKCS#12: hello
PLAIN: hello
SCRAM-SHA-256: hello
SCRAM-SHA-512: hello
OAUTHBEARER: hello
PLAIN over TLS: hello
SCRAM-SHA-512 over TLS: hello
