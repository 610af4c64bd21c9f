<?php
/**
 * Runs the PHP workloads under our extension and, when given, under a reference extension, in turn
 * (A B A B ...), against the same rdkafka-broker with its log in memory, and prints medians. The
 * first run of each is discarded: its pages are cold.
 *
 *   php run.php --extension=rdkafka.so --broker=rdkafka-broker [--reference=OTHER.so]
 *               [--pairs=5] [--only=NAME[,NAME...]] [--scale=1.0] [--brokers=HOST:PORT] [--markdown]
 *
 * CPU is user plus system time of the PHP process with all its threads; ratios are ours/reference,
 * pair by pair, as median [least-most]. --brokers names another broker, with topics that are created
 * when they are written to, instead of starting one. --scale multiplies the numbers of messages.
 */

declare(strict_types=1);

require __DIR__ . '/support.php';

/** name => messages a run, bytes a message, partitions, and for those that read: what fills the topic. */
const WORKLOADS = [
    'produce-100' => [1_000_000, 100, 1, null],
    'produce-100-reports' => [1_000_000, 100, 1, null],
    'produce-1k' => [300_000, 1024, 1, null],
    'produce-1k-reports' => [300_000, 1024, 1, null],
    'produce-10k' => [40_000, 10_240, 1, null],
    'produce-10k-reports' => [40_000, 10_240, 1, null],
    'produce-1k-lz4' => [300_000, 1024, 1, null],
    'produce-1k-zstd' => [300_000, 1024, 1, null],
    'producev' => [600_000, 100, 1, null],
    'consume-100' => [1_000_000, 100, 1, 'produce-100'],
    'consume-1k' => [300_000, 1024, 1, 'produce-1k'],
    'consume-headers' => [600_000, 100, 1, 'producev'],
    'consume-batch' => [1_000_000, 100, 1, 'produce-100'],
    'round-trip' => [3_000, 7, 1, null],
    'process-life' => [1, 7, 1, null],
    'first-message' => [1, 100, 1, 'produce-100'],
    'backlog' => [200_000, 1024, 100, 'fill-backlog'],
];

/** So many times one process is run for one figure of the workload that is over in an instant. */
const LIVES = 15;

$options = getopt('', ['extension:', 'broker:', 'reference:', 'pairs:', 'only:', 'scale:', 'brokers:', 'markdown']);
$pairs = max(1, (int) ($options['pairs'] ?? 5));
$scale = (float) ($options['scale'] ?? 1);
$only = isset($options['only']) ? explode(',', $options['only']) : array_keys(WORKLOADS);
if ($unknown = array_diff($only, array_keys(WORKLOADS))) {
    fwrite(STDERR, 'no such workload: ' . implode(', ', $unknown) . ' (' . implode(', ', array_keys(WORKLOADS)) . ")\n");
    exit(2);
}
$extensions = array_filter(['ours' => $options['extension'], 'reference' => $options['reference'] ?? null]);
$isMarkdown = isset($options['markdown']);

echo heading($isMarkdown, isset($extensions['reference']));
foreach ($only as $name) {
    [$messages, $bytes, $partitions, $filledBy] = WORKLOADS[$name];
    $messages = $messages < 100 ? $messages : max(5_000, (int) ($messages * $scale));
    $isOver = broker($options, "bench-$name:$partitions", $filledBy === null, $brokers);
    if ($filledBy !== null) {
        run_workload($extensions['ours'], $filledBy, $brokers, "bench-$name", $messages);
    }
    $rows = [];
    for ($pair = 0; $pair <= $pairs; $pair++) {
        foreach ($extensions as $who => $extension) {
            $run = $name === 'process-life'
                ? lives($extension, $brokers, "bench-$name")
                : run_workload($extension, $name, $brokers, "bench-$name", $messages);
            if ($pair > 0) {
                $rows[$who][] = $run;
            }
        }
    }
    $isOver();
    foreach ($rows as $who => $runs) {
        echo line($isMarkdown, $name, $who, $runs, $bytes, $who === 'ours' ? ratio($rows) : null);
    }
}

/** One process after the other, from its start to its end, beyond what PHP takes that does nothing. */
function lives(string $extension, string $brokers, string $topic): array
{
    $life = function (array $arguments): array {
        $before = getrusage(1);
        $begin = hrtime(true);
        $process = proc_open([PHP_BINARY, '-n', ...$arguments], [1 => ['file', '/dev/null', 'w']], $pipes);
        if (proc_close($process) !== 0) {
            throw new RuntimeException('process-life failed');
        }
        $seconds = (hrtime(true) - $begin) / 1e9;
        $after = getrusage(1);
        $cpu = fn (array $usage): float => ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1e9
            + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) * 1e3;
        return [$seconds, $cpu($after) - $cpu($before)];
    };
    $seconds = $cpu = [];
    for ($i = 0; $i < LIVES; $i++) {
        $bare = $life(['-r', '']);
        $full = $life(['-d', "extension=$extension", __DIR__ . '/php/life.php', $brokers, $topic]);
        $seconds[] = $full[0] - $bare[0];
        $cpu[] = $full[1] - $bare[1];
    }
    return ['messages' => 1, 'seconds' => median($seconds), 'cpu_ns' => median($cpu), 'peak_kib' => 0];
}

function run_workload(string $extension, string $name, string $brokers, string $topic, int $messages): array
{
    return run_php($extension, __DIR__ . '/php/workloads.php', [$name, $brokers, $topic, (string) $messages]);
}

/** Starts a broker for one workload, unless one is given. What is only written need not be kept for long. */
function broker(array $options, string $topic, bool $forgets, ?string &$brokers): callable
{
    if (isset($options['brokers'])) {
        $brokers = $options['brokers'];
        return fn () => null;
    }
    $settings = ['log.retention.bytes=134217728', 'log.segment.bytes=33554432', 'log.retention.check.interval.ms=100'];
    return start_broker($options['broker'], [$topic], $forgets ? $settings : [], $brokers);
}

function heading(bool $isMarkdown, bool $hasReference): string
{
    if (!$isMarkdown) {
        return sprintf("%-20s %-10s %12s %9s %13s %9s\n", 'workload', '', 'msg/s', 'MB/s', 'CPU ns/msg', 'peak MiB');
    }
    $ratios = $hasReference ? ' CPU ours/reference | msg/s ours/reference |' : '';
    $rule = $hasReference ? '---|---|' : '';
    return "| workload | | msg/s | MB/s | CPU ns/msg | peak MiB |$ratios\n|---|---|--:|--:|--:|--:|$rule\n";
}

function line(bool $isMarkdown, string $name, string $who, array $runs, int $bytes, ?array $ratio): string
{
    // One message alone has a duration, not a rate.
    $isInstant = $runs[0]['messages'] === 1;
    $rate = median(array_map(fn ($run) => $run['messages'] / $run['seconds'], $runs));
    $milliseconds = sprintf('%.1f ms', median(array_column($runs, 'seconds')) * 1000);
    $cpu = median(array_column($runs, 'cpu_ns'));
    $cells = [
        $name,
        $who,
        $isInstant ? $milliseconds : number_format($rate),
        $isInstant ? '' : sprintf('%.1f', $rate * $bytes / 1e6),
        $isInstant ? sprintf('%.1f ms', $cpu / 1e6) : number_format($cpu),
        $name === 'process-life' ? '' : sprintf('%.1f', median(array_column($runs, 'peak_kib')) / 1024),
    ];
    $latency = isset($runs[0]['p50_us'])
        ? sprintf('p50 %.0f us, p99 %.0f us', median(array_column($runs, 'p50_us')), median(array_column($runs, 'p99_us')))
        : '';
    if ($isMarkdown) {
        if ($latency !== '') {
            $cells[2] .= " ($latency)";
        }
        $ratios = $ratio === null ? '' : ' ' . implode(' | ', $ratio) . ' |';
        return '| ' . implode(' | ', $cells) . " |$ratios\n";
    }
    $text = vsprintf("%-20s %-10s %12s %9s %13s %9s", $cells) . ($latency === '' ? '' : "   $latency") . "\n";
    return $text . ($ratio === null ? '' : sprintf("%-20s %-10s CPU %s   speed %s\n", '', 'ratio', ...$ratio));
}

/** CPU and speed, ours/reference; null without a reference. */
function ratio(array $rows): ?array
{
    if (!isset($rows['reference'])) {
        return null;
    }
    $of = fn (string $column): array => array_map(
        fn ($ours, $reference) => $ours[$column] / $reference[$column], $rows['ours'], $rows['reference']);
    $time = $of('seconds');
    $speed = array_map(fn (float $ratio): float => 1 / $ratio, $time);
    $show = fn (array $ratios, string $unit): string => sprintf("%.2f$unit [%.2f-%.2f]", median($ratios), min($ratios), max($ratios));
    return [$show($of('cpu_ns'), ''), $show($speed, 'x')];
}
