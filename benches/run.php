<?php
/**
 * Runs the PHP workloads under our extension and, when given, under a reference extension, in turn
 * (A B A B ...), against the same rdkafka-broker with its log in memory, and prints medians.
 *
 *   php run.php --extension=rdkafka.so --broker=rdkafka-broker [--reference=OTHER.so]
 *               [--pairs=5] [--only=NAME[,NAME...]]
 *
 * CPU is user plus system time of the PHP process with all its threads; ratios are ours/reference,
 * pair by pair.
 */

declare(strict_types=1);

const WORKLOADS = [
    // name => messages
    'produce-100' => 1_000_000,
    'produce-100-reports' => 1_000_000,
    'produce-1k' => 300_000,
    'producev-headers' => 500_000,
    'consume' => 1_000_000,
    'consume-batch' => 1_000_000,
    'round-trip' => 3_000,
    'first-message' => 1,
];

$options = getopt('', ['extension:', 'broker:', 'reference:', 'pairs:', 'only:']);
$pairs = (int) ($options['pairs'] ?? 5);
$only = isset($options['only']) ? explode(',', $options['only']) : array_keys(WORKLOADS);
$extensions = array_filter(['ours' => $options['extension'], 'reference' => $options['reference'] ?? null]);

$process = proc_open([$options['broker'], 'serve', '--listen', '127.0.0.1:0', '--ephemeral', '--topic', 'read-100:1'],
    [['file', '/dev/null', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
preg_match('/ready on (\S+)/', (string) fgets($pipes[1]), $m) || exit("the broker did not start\n");
$brokers = $m[1];

// what the consuming workloads read
run_workload($extensions['ours'], 'produce-100', $brokers, 'read-100', 1_000_000);

printf("%-20s %-10s %12s %10s %12s %10s\n", 'workload', '', 'msg/s', 'MB/s', 'CPU ns/msg', 'peak MiB');
foreach ($only as $name) {
    $rows = [];
    for ($pair = 0; $pair < $pairs; $pair++) {
        foreach ($extensions as $who => $extension) {
            $topic = preg_match('/^(consume|first)/', $name) ? 'read-100' : "write-$name-$who-$pair";
            $rows[$who][] = run_workload($extension, $name, $brokers, $topic, WORKLOADS[$name]);
        }
    }
    foreach ($rows as $who => $runs) {
        $rate = median(array_map(fn ($r) => $r['messages'] / $r['seconds'], $runs));
        $size = str_contains($name, '1k') ? 1024 : 100;
        printf("%-20s %-10s %12s %10.1f %12s %10.1f", $name, $who, number_format($rate), $rate * $size / 1e6,
            number_format(median(array_column($runs, 'cpu_ns'))), median(array_column($runs, 'peak_kib')) / 1024);
        echo isset($runs[0]['p50_us']) ? sprintf('   p50 %.0f us  p99 %.0f us',
            median(array_column($runs, 'p50_us')), median(array_column($runs, 'p99_us'))) : '', "\n";
    }
    if (isset($rows['reference'])) {
        $cpu = ratios($rows, 'cpu_ns');
        $time = ratios($rows, 'seconds');
        printf("%-20s %-10s CPU %.2f [%.2f-%.2f]   speed %.2fx [%.2f-%.2f]\n", '', 'ratio', median($cpu), min($cpu), max($cpu),
            1 / median($time), 1 / max($time), 1 / min($time));
    }
}
proc_terminate($process);

function run_workload(string $extension, string $name, string $brokers, string $topic, int $messages): array
{
    $command = [PHP_BINARY, '-n', '-d', "extension=$extension", __DIR__ . '/php/workloads.php', $name, $brokers, $topic, (string) $messages];
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    $result = json_decode((string) stream_get_contents($pipes[1]), true);
    if (proc_close($process) !== 0 || !is_array($result)) {
        throw new RuntimeException("$name failed under $extension");
    }
    return $result;
}

function ratios(array $rows, string $column): array
{
    return array_map(fn ($ours, $reference) => $ours[$column] / $reference[$column], $rows['ours'], $rows['reference']);
}

function median(array $values): float
{
    sort($values);
    return (float) $values[intdiv(count($values), 2)];
}
