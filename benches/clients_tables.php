<?php
/**
 * The tables of clients.sh, out of what it noted (tables.php).
 *
 *   php -n clients_tables.php FILE RATE
 */

declare(strict_types=1);

require __DIR__ . '/tables.php';

$noted = read_notes($argv[1]);
$latencies = array_filter($noted, fn (string $name): bool => str_starts_with($name, 'latency|'), ARRAY_FILTER_USE_KEY);

$rows = array_diff_key($noted, $latencies);
if ($rows !== []) {
    echo "| client | 1 KB messages | msg/s | Kafka | ours/Kafka | broker, ms CPU/MB | Kafka | ours/Kafka | client, cores | Kafka |\n|---|---|--:|--:|---|--:|--:|---|--:|--:|\n";
}
foreach ($rows as $name => $case) {
    [$client, $what] = explode('|', $name);
    $kafka = $case['kafka'] ?? null;
    echo "| `$client` | $what | ", spread($case['ours'], 'messages_per_second'), ' | ', spread($kafka, 'messages_per_second'), ' | ',
        ratio($case, 'messages_per_second'), ' | ', spread($case['ours'], 'broker_ms_per_mb', 2), ' | ', spread($kafka, 'broker_ms_per_mb', 2), ' | ',
        ratio($case, 'broker_ms_per_mb'), ' | ', show($case['ours'], 'client_cores', 2), ' | ', show($kafka, 'client_cores', 2), " |\n";
}

if ($latencies !== []) {
    echo "\n| `kafka-producer-perf-test`, ", number_format((int) $argv[2]), " msg/s | broker | average ms | p50 ms | p99 ms | p99.9 ms | broker, us CPU/message |\n|---|---|--:|--:|--:|--:|--:|\n";
}
foreach ($latencies as $name => $case) {
    foreach ($case as $who => $rounds) {
        echo '| ', explode('|', $name)[1], " | $who | ", spread($rounds, 'average_ms', 2), ' | ', spread($rounds, 'p50_ms'), ' | ', spread($rounds, 'p99_ms'), ' | ',
            spread($rounds, 'p999_ms'), ' | ', spread($rounds, 'broker_us_per_message', 1), " |\n";
    }
}
