<?php
/** php-cgi: a process per request, and a FastCGI server with forked children. */

declare(strict_types=1);

$to = fn (string $topic) => ['brokers' => BROKERS, 'topic' => $topic, 'payload' => 'x'];

$cgi = function (array $query, array $settings = []): string {
    $environment = ['SCRIPT_FILENAME' => PAGES . '/produce.php', 'QUERY_STRING' => http_build_query($query),
        'REQUEST_METHOD' => 'GET', 'REDIRECT_STATUS' => '200', 'GATEWAY_INTERFACE' => 'CGI/1.1'];
    $pipes = [];
    $process = proc_open([getenv('PHP_CGI'), ...settings($settings)], [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes, null, $environment);
    $output = stream_get_contents($pipes[1]);
    proc_close($process);
    return explode("\r\n\r\n", $output, 2)[1] ?? $output;
};
same('php-cgi: a request answers and says nothing else', 'produced', $cgi($to('cgi')));
same('php-cgi: its message arrives', ['x 0'], payloads('cgi', 1));
$started = microtime(true);
$answer = $cgi(['brokers' => NOWHERE] + $to('lost'), ['rdkafka.shutdown_flush_ms' => 300]);
at_most('php-cgi: without a broker the bound holds', 1, microtime(true) - $started);
check('php-cgi: the loss is said, and nothing else', 1 === preg_match('/^produced(PHP )?Warning:  rdkafka: 1 message for topic "lost".*$/', str_replace("\n", '', $answer))
    && substr_count($answer, 'rdkafka') === 1, $answer);

$socket = "$work/cgi.sock";
$server = Process::start([getenv('PHP_CGI'), ...settings(), '-b', $socket], "$work/cgi.log", ['PHP_FCGI_CHILDREN' => '3']);
until(fn () => file_exists($socket) && @stream_socket_client("unix://$socket") !== false);
for ($i = 0; $i < 30; $i++) {
    FastCgi::get("unix://$socket", PAGES . '/produce.php', $to('cgi-server'));
}
same('php-cgi as a FastCGI server with forked children: nothing is lost', 30, count(payloads('cgi-server', 30)));
at_most('php-cgi as a FastCGI server: SIGTERM ends it', 1, $server->stop(SIGTERM));
same('php-cgi as a FastCGI server: nothing on standard error', '', trim($server->output()));
