<?php
/** What the benchmarks in PHP share: a broker, processes, medians. */

declare(strict_types=1);

/** Starts a broker with its log in memory; returns what stops it. */
function start_broker(string $binary, array $topics, array $settings, ?string &$brokers): callable
{
    $command = [$binary, 'serve', '--listen', '127.0.0.1:0', '--ephemeral', '--log-level', 'error'];
    foreach ($topics as $topic) {
        array_push($command, '--topic', $topic);
    }
    foreach ($settings as $setting) {
        array_push($command, '--set', $setting);
    }
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], STDERR], $pipes);
    if (!preg_match('/ready on (\S+)/', (string) fgets($pipes[1]), $m)) {
        fwrite(STDERR, "the broker did not start\n");
        exit(1);
    }
    $brokers = $m[1];
    $stop = function () use ($process): void {
        if (is_resource($process)) {
            proc_terminate($process);
            proc_close($process);
        }
    };
    register_shutdown_function($stop); // also when a benchmark fails
    return $stop;
}

/** Runs a script under an extension, perhaps inside another program, and returns what it printed as JSON. */
function run_php(string $extension, string $script, array $arguments, array $inside = []): mixed
{
    $command = [...$inside, PHP_BINARY, '-n', '-d', "extension=$extension", $script, ...$arguments];
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    $result = json_decode((string) stream_get_contents($pipes[1]), true);
    if (proc_close($process) !== 0 || $result === null) {
        throw new RuntimeException(implode(' ', $arguments) . " failed under $extension");
    }
    return $result;
}

function median(array $values): float
{
    sort($values);
    $middle = intdiv(count($values), 2);
    return count($values) % 2 ? $values[$middle] : ($values[$middle - 1] + $values[$middle]) / 2;
}

/** CPU of this process with all its threads. */
function cpu_ns(): int
{
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1_000_000_000
        + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) * 1000;
}
