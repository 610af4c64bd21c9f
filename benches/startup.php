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

/** A command of the broker's binary that must succeed. */
function run(array $command): void
{
    $process = proc_open($command, [1 => ['file', '/dev/null', 'w']], $pipes);
    if (proc_close($process) !== 0) {
        throw new RuntimeException(implode(' ', $command) . ' failed');
    }
}

/** How long a broker takes until it is ready, each time after it was ended with the signal. */
function restarts(&$process, string $broker, string $folder, int $signal): array
{
    $ms = [];
    for ($i = 0; $i < 11; $i++) {
        stop_broker($process, $signal);
        $ms[] = timed(function () use (&$process, $broker, $folder): void { [$process] = start_broker($broker, $folder); });
    }
    return $ms;
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
run([$broker, 'producer-perf-test', '--bootstrap-server', $address, '--topic', 'long', '--num-records', (string) ($megabytes * 100),
    '--record-size', '10000', '--throughput', '-1']);
report("rdkafka-broker: after kill -9, log of $megabytes MB", restarts($process, $broker, "$folder-idle", KILL));
stop_broker($process);
exec('rm -rf ' . escapeshellarg("$folder-idle"));

$partitions = (int) (getenv('BENCH_KILLED_PARTITIONS') ?: 10_000);
[$process, $address] = start_broker($broker, "$folder-many");
run([$broker, 'topics', '--bootstrap-server', $address, '--create', '--topic', 'many', '--partitions', (string) $partitions]);
$script = <<<'PHP'
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic('many');
for ($round = 0; $round < 3; $round++) {
    for ($partition = 0; $partition < $argv[2]; $partition++) {
        $topic->produce($partition, 0, str_repeat('x', 5000));
    }
    $producer->flush(60_000);
}
PHP;
run([PHP_BINARY, '-n', '-d', "extension=$extension", '-r', $script, '--', $address, (string) $partitions]);
report("rdkafka-broker: after kill -9, $partitions partitions", restarts($process, $broker, "$folder-many", KILL));
report("rdkafka-broker: after SIGTERM, $partitions partitions", restarts($process, $broker, "$folder-many", TERMINATE));
stop_broker($process);
exec('rm -rf ' . escapeshellarg("$folder-many"));

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
