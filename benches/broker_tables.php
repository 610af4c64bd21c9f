<?php
/**
 * The tables of broker.sh, out of what it noted (tables.php).
 *
 *   php -n broker_tables.php FILE
 */

declare(strict_types=1);

require __DIR__ . '/tables.php';

$noted = read_notes($argv[1]);
$of_kind = fn (string $kind): array => array_filter($noted, fn (string $case): bool => str_starts_with($case, $kind), ARRAY_FILTER_USE_KEY);

echo "| produce, 16 KB a request | partitions | connections | msg/s | Kafka | us CPU/request | Kafka | ours/Kafka | ms CPU/MB | Kafka |\n|---|--:|--:|--:|--:|--:|--:|---|--:|--:|\n";
foreach ($of_kind('produce') as $name => $case) {
    [$what, $partitions, $connections] = explode('|', $name);
    if (isset($case['floor'])) {
        echo "| *a process that reads, appends and answers* | 1 | 1 | ", spread($case['floor'], 'messages_per_second'), ' | | ',
            spread($case['floor'], 'cpu_us_per_request', 1), " | | | | |\n";
    }
    if (!isset($case['ours'])) {
        continue;
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
