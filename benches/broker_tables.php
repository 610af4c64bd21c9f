<?php
/**
 * The tables of broker.sh, out of what it noted: lines of who, case and figures, several rounds of each. Figures are
 * medians; a ratio is that of a pair of neighbouring measurements, as median [least-most].
 *
 *   php -n broker_tables.php FILE
 */

declare(strict_types=1);

$noted = [];
foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $line) {
    [$who, $case, $figures] = explode("\t", $line);
    $noted[$case][$who][] = json_decode($figures, true, flags: JSON_THROW_ON_ERROR);
}

function median(array $values): float
{
    sort($values);
    $middle = intdiv(count($values), 2);
    return count($values) % 2 ? $values[$middle] : ($values[$middle - 1] + $values[$middle]) / 2;
}

function show(?array $rounds, string $name, int $digits = 0): string
{
    return $rounds === null ? '' : number_format(median(array_column($rounds, $name)), $digits);
}

/** The same with the least and the most of the rounds. */
function spread(?array $rounds, string $name, int $digits = 0): string
{
    if ($rounds === null || count($rounds) < 2) {
        return show($rounds, $name, $digits);
    }
    $values = array_column($rounds, $name);
    return show($rounds, $name, $digits) . ' [' . number_format(min($values), $digits) . '-' . number_format(max($values), $digits) . ']';
}

/** Ours to Kafka's, of each pair. */
function ratio(array $case, ?string $name, int $digits = 2): string
{
    if (!isset($case['kafka'])) {
        return '';
    }
    $of = fn (string $who): array => $name === null ? $case[$who] : array_column($case[$who], $name);
    $ratios = array_map(fn ($ours, $kafka): float => $ours / max($kafka, 1e-9), $of('ours'), $of('kafka'));
    $text = fn (float $value): string => number_format($value, $digits);
    return $text(median($ratios)) . (count($ratios) > 1 ? ' [' . $text(min($ratios)) . '-' . $text(max($ratios)) . ']' : '');
}

$of_kind = fn (string $kind): array => array_filter($noted, fn (string $case): bool => str_starts_with($case, $kind), ARRAY_FILTER_USE_KEY);

echo "| produce, 16 KB a request | partitions | connections | msg/s | Kafka | us CPU/request | Kafka | ours/Kafka | ms CPU/MB | Kafka |\n|---|--:|--:|--:|--:|--:|--:|---|--:|--:|\n";
foreach ($of_kind('produce') as $name => $case) {
    [$what, $partitions, $connections] = explode('|', $name);
    if (isset($case['floor'])) {
        echo "| *a process that reads, appends and answers* | 1 | 1 | ", spread($case['floor'], 'messages_per_second'), ' | | ',
            spread($case['floor'], 'cpu_us_per_request', 1), " | | | | |\n";
    }
    $kafka = $case['kafka'] ?? null;
    echo "| $what | $partitions | $connections | ", spread($case['ours'], 'messages_per_second'), ' | ', spread($kafka, 'messages_per_second'), ' | ',
        spread($case['ours'], 'cpu_us_per_request', 1), ' | ', spread($kafka, 'cpu_us_per_request', 1), ' | ', ratio($case, 'cpu_us_per_request'), ' | ',
        spread($case['ours'], 'cpu_ms_per_mb', 2), ' | ', spread($kafka, 'cpu_ms_per_mb', 2), " |\n";
}

echo "\n| fetch of what lies in the page cache | partitions | connections | MB/s | Kafka | ms CPU/MB | Kafka | ours/Kafka |\n|---|--:|--:|--:|--:|--:|--:|---|\n";
foreach ($of_kind('fetch') as $name => $case) {
    [$what, $partitions, $connections] = explode('|', $name);
    $kafka = $case['kafka'] ?? null;
    if (isset($case['floor'])) {
        echo "| *a process that sends from a file* | $partitions | $connections | ", spread($case['floor'], 'mb_per_second'), ' | | ',
            spread($case['floor'], 'cpu_ms_per_mb', 2), " | | |\n";
    }
    if (!isset($case['ours'])) {
        continue;
    }
    echo "| $what | $partitions | $connections | ", spread($case['ours'], 'mb_per_second'), ' | ', spread($kafka, 'mb_per_second'), ' | ',
        spread($case['ours'], 'cpu_ms_per_mb', 2), ' | ', spread($kafka, 'cpu_ms_per_mb', 2), ' | ', ratio($case, 'cpu_ms_per_mb'), " |\n";
}

echo "\n| 500 requests/s of 16 KB | broker | p50 us | p99 us | p99.9 us |\n|---|---|--:|--:|--:|\n";
foreach ($of_kind('latency') as $name => $case) {
    foreach ($case as $who => $rounds) {
        echo '| acks=', explode('|', $name)[1], " | $who | ", spread($rounds, 'p50_us'), ' | ', spread($rounds, 'p99_us'), ' | ', spread($rounds, 'p999_us'), " |\n";
    }
}

echo "\n| | ours | Kafka | ours/Kafka |\n|---|--:|--:|---|\n";
foreach ($noted as $name => $case) {
    if (!str_contains($name, '|')) {
        $kafka = isset($case['kafka']) ? number_format(median($case['kafka']), 1) : '';
        echo "| $name | ", number_format(median($case['ours']), 1), " | $kafka | ", ratio($case, null, 4), " |\n";
    }
}
