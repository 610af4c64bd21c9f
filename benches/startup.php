<?php
/** See startup.sh. Times are wall-clock milliseconds. */

declare(strict_types=1);

[, $extension, $broker] = $argv;
const RUNS = 101;
// by number: their names come with pcntl, which may be missing
const TERMINATE = 15;
const KILL = 9;

function report(string $what, array $ms): void
{
    sort($ms);
    printf("%-58s median %7.2f ms   min %7.2f   max %7.2f\n", $what, $ms[intdiv(count($ms), 2)], $ms[0], end($ms));
}

/** @return float milliseconds */
function timed(callable $what): float
{
    $begin = hrtime(true);
    $what();
    return (hrtime(true) - $begin) / 1e6;
}

/** Without a folder, the log is in memory. */
function start_broker(string $binary, ?string $folder): array
{
    $where = $folder === null ? ['--ephemeral'] : ['--data-dir', $folder];
    $process = proc_open([$binary, 'serve', '--listen', '127.0.0.1:0', ...$where],
        [['file', '/dev/null', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
    preg_match('/ready on (\S+)/', (string) fgets($pipes[1]), $m);
    return [$process, $m[1]];
}

function stop_broker($process, int $signal = TERMINATE): void
{
    proc_terminate($process, $signal);
    while (proc_get_status($process)['running']) {
        usleep(500);
    }
    proc_close($process);
}

/** What /proc says of its memory, in MB of 1,000,000 bytes. */
function memory($process, string $field): float
{
    $status = file_get_contents('/proc/' . proc_get_status($process)['pid'] . '/status');
    preg_match("/^$field:\\s+(\\d+) kB/m", $status, $m);
    return $m[1] * 1024 / 1e6;
}

$folder = sys_get_temp_dir() . '/rdkafka-startup-' . getmypid();
$ephemeral = $fresh = $again = $stop = [];
for ($i = 0; $i < 21; $i++) {
    $ephemeral[] = timed(function () use (&$process, $broker): void { [$process] = start_broker($broker, null); });
    stop_broker($process);
    $fresh[] = timed(function () use (&$process, $broker, $folder, $i): void { [$process] = start_broker($broker, "$folder-$i"); });
    $stop[] = timed(fn () => stop_broker($process));
    $again[] = timed(function () use (&$process, $broker, $folder, $i): void { [$process] = start_broker($broker, "$folder-$i"); });
    stop_broker($process);
}
report('rdkafka-broker: exec until ready, in memory', $ephemeral);
report('rdkafka-broker: exec until ready, new data folder', $fresh);
report('rdkafka-broker: exec until ready, existing data folder', $again);
report('rdkafka-broker: SIGTERM until gone', $stop);

[$process, $address] = start_broker($broker, "$folder-idle");
sleep(1);
printf("%-58s %.1f MB resident, of which %.1f MB its own and %.1f MB pages of files: the binary, libraries\n", 'rdkafka-broker: idle',
    memory($process, 'VmRSS'), memory($process, 'RssAnon'), memory($process, 'RssFile'));
$megabytes = (int) (getenv('BENCH_KILLED_MB') ?: 1024);
$fill = [$broker, 'producer-perf-test', '--bootstrap-server', $address, '--topic', 'long', '--num-records', (string) ($megabytes * 100),
    '--record-size', '10000', '--throughput', '-1'];
proc_close(proc_open($fill, [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes));
$killed = [];
for ($i = 0; $i < 11; $i++) {
    stop_broker($process, KILL);
    $killed[] = timed(function () use (&$process, $broker, $folder): void { [$process] = start_broker($broker, "$folder-idle"); });
}
report("rdkafka-broker: after kill -9, log of $megabytes MB", $killed);
stop_broker($process);
exec('rm -rf ' . escapeshellarg("$folder-idle"));

$php = fn (array $arguments): float => timed(function () use ($arguments): void {
    proc_close(proc_open([PHP_BINARY, '-n', ...$arguments, '-r', ''], [], $pipes));
});
$bare = $loaded = [];
for ($i = 0; $i < RUNS; $i++) {
    $bare[] = $php([]);
    $loaded[] = $php(['-d', "extension=$extension"]);
}
report("php -n -r ''", $bare);
report("php -n -r '' with rdkafka.so", $loaded);
report('  the difference, pair by pair', array_map(fn ($a, $b) => $b - $a, $bare, $loaded));

[$process, $address] = start_broker($broker, "$folder-destroy");
$script = <<<'PHP'
for ($i = 0; $i < 101; $i++) {
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $argv[1]);
    $producer = new RdKafka\Producer($conf);
    $producer->getMetadata(true, null, 5000); // connected
    $begin = hrtime(true);
    unset($producer);
    echo (hrtime(true) - $begin) / 1e6, "\n";
}
PHP;
exec(implode(' ', array_map(escapeshellarg(...), [PHP_BINARY, '-n', '-d', "extension=$extension", '-r', $script, '--', $address])), $lines);
report('destruction of an idle, connected producer', array_map(floatval(...), $lines));
stop_broker($process);
exec('rm -rf ' . escapeshellarg($folder) . '-*');
