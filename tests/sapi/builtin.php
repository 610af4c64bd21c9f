<?php
/** The built-in web server: `php -S`, one process or several. */

declare(strict_types=1);

/** @return array{Process, int} the server and its port */
function start_builtin(string $work, array $settings, array $environment = []): array
{
    $port = free_port();
    $command = [PHP_BINARY, ...settings($settings), '-S', "127.0.0.1:$port", '-t', PAGES];
    $server = Process::start($command, "$work/builtin-$port.log", $environment);
    until(fn () => @fsockopen('127.0.0.1', $port) !== false) || throw new RuntimeException($server->output());
    return [$server, $port];
}

$get = fn (int $port, string $page, array $query) => file_get_contents("http://127.0.0.1:$port/$page.php?" . http_build_query($query));
$to = fn (string $topic, array $more = []) => $more + ['brokers' => BROKERS, 'topic' => $topic, 'payload' => 'x'];

[$server, $port] = start_builtin($work, ['rdkafka.shutdown_flush_ms' => 500]);
for ($i = 0; $i < 50; $i++) {
    $get($port, 'produce', $to('builtin', ['count' => 10]));
}
same('php -S: 50 requests that do not flush lose nothing', 500, count(payloads('builtin', 500)));
usleep(200_000);
for ($before = resources($server->pid), $i = 0; $i < 50; $i++) {
    $get($port, 'produce', $to('builtin', ['count' => 10]));
}
check('php -S: no thread and no file more', until(function () use ($server, $before, &$after): bool {
    $after = resources($server->pid);
    return $after['threads'] <= $before['threads'] && $after['files'] <= $before['files'];
}), [$before, $after]);
$started = microtime(true);
same('php -S: a broker that cannot be reached', 'produced', $get($port, 'produce', ['brokers' => NOWHERE] + $to('lost')));
at_most('php -S: delays the request by no more than the bound', 1, microtime(true) - $started);
$lines = array_values(preg_grep('/^\[.*\] (PHP .* Development Server|127\.0\.0\.1:|\[200\])|^$/', explode("\n", $server->output()), PREG_GREP_INVERT));
check('php -S: the log has the warning about the loss and no line more', count($lines) === 1
    && str_contains($lines[0], 'rdkafka: 1 message for topic "lost"'), $lines);
at_most('php -S: SIGTERM ends it', 1, $server->stop(SIGTERM));

[$server, $port] = start_builtin($work, [], ['PHP_CLI_SERVER_WORKERS' => '3']);
for ($i = 0; $i < 30; $i++) {
    $get($port, 'produce', $to('builtin-workers'));
}
same('php -S with forked workers: nothing is lost', 30, count(payloads('builtin-workers', 30)));
// the server leaves its workers to the terminal that would stop all of them
$workers = array_map(intval(...), explode(' ', trim(file_get_contents("/proc/$server->pid/task/$server->pid/children"))));
at_most('php -S with forked workers: SIGTERM ends the server', 1, $server->stop(SIGTERM));
array_map(fn (int $worker) => posix_kill($worker, SIGTERM), $workers);
check('php -S with forked workers: and each worker', until(fn () => array_filter($workers, fn (int $worker) => file_exists("/proc/$worker/exe") && @readlink("/proc/$worker/exe")) === []), $workers);
