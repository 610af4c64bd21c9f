--TEST--
Tokens come from an OpenID Connect endpoint; its refusal is told
--FILE--
<?php
require __DIR__ . '/_security.php';
$script = tempnam(sys_get_temp_dir(), 'oidc');
file_put_contents($script, '<?php
    $is_known = ($_SERVER["PHP_AUTH_USER"] ?? "") === "me" && ($_SERVER["PHP_AUTH_PW"] ?? "") === "secret";
    header("Content-Type: application/json");
    if (!$is_known || $_POST !== ["grant_type" => "client_credentials", "scope" => "a b"]) {
        http_response_code(401);
        echo json_encode(["error" => "invalid_client", "error_description" => "who are you?"]);
        return;
    }
    $encode = fn ($json) => rtrim(strtr(base64_encode($json), "+/", "-_"), "=");
    $claims = json_encode(["sub" => "alice", "iat" => time(), "exp" => time() + 60]);
    echo json_encode(["access_token" => $encode("{\"alg\":\"none\"}") . "." . $encode($claims) . ".", "expires_in" => 60]);
');
$held = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($held, false);
fclose($held);
$server = proc_open([PHP_BINARY, '-n', '-S', $address, $script], [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
test_until(fn () => @stream_socket_client("tcp://$address") !== false, fn () => usleep(20000));
$settings = [
    'bootstrap.servers' => secure('SASL'), 'security.protocol' => 'sasl_plaintext', 'sasl.mechanisms' => 'OAUTHBEARER',
    'sasl.oauthbearer.method' => 'oidc', 'sasl.oauthbearer.token.endpoint.url' => "http://$address/token",
    'sasl.oauthbearer.client.id' => 'me', 'sasl.oauthbearer.client.secret' => 'secret', 'sasl.oauthbearer.scope' => 'a b',
];
echo secure_round_trip(secure('SASL'), $settings), "\n";
$conf = test_conf(['sasl.oauthbearer.client.secret' => 'wrong'] + $settings);
$seen = null;
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$seen, $address): void {
    $seen ??= "$code " . str_replace($address, 'ADDRESS', $reason);
});
$producer = new RdKafka\Producer($conf);
test_until(function () use (&$seen) {
    return $seen !== null;
}, fn () => $producer->poll(100));
echo $seen, "\n";
proc_terminate($server);
unlink($script);
?>
--EXPECT--
hello
-169 Failed to acquire SASL OAUTHBEARER token: Failed to retrieve OIDC token from "http://ADDRESS/token": token endpoint answered 401 invalid_client: who are you?
