<?php
/**
 * What one run of a client took, as JSON: out of what the client printed, where it times itself, or else of the time from
 * its start to its end.
 *
 *   php -n clients_figures.php MESSAGES BROKER-MS 'SECONDS USER SYSTEM' PRINTED-FILE
 *   php -n clients_figures.php payloads COUNT    prints so many lines of 1 KB, for clients to send
 */

declare(strict_types=1);

const BYTES = 1024;

if ($argv[1] === 'payloads') {
    // A thousand different lines; no client compresses.
    mt_srand(1);
    $letters = implode('', array_map(fn (): string => chr(mt_rand(97, 122)), range(1, 2 * BYTES)));
    for ($line = 0; $line < (int) $argv[2]; $line++) {
        echo substr($letters, $line % 1000, BYTES), "\n";
    }
    exit;
}

[, $messages, $broker_ms, $took, $printed] = $argv;
[$seconds, $user, $system] = array_map(floatval(...), explode(' ', trim($took)));
$text = $printed === '/dev/null' ? '' : (string) file_get_contents($printed);
$mb = $messages * BYTES / 1e6;
$figures = [
    'messages_per_second' => $messages / $seconds,
    'broker_ms_per_mb' => $broker_ms / $mb,
    'broker_us_per_message' => $broker_ms * 1000 / $messages,
    // A virtual machine's start is part of both.
    'client_cores' => ($user + $system) / $seconds,
];

/** Fails where a client moved less than it was told to. */
function complete(string $moved): void
{
    global $messages, $text;
    if ((int) $moved !== (int) $messages) {
        fwrite(STDERR, "$moved messages of $messages:\n$text");
        exit(1);
    }
}

if (preg_match('~^(\d+) records sent, .*\n(\d+) steady state records sent, ([\d.]+) records/sec .*?, ([\d.]+) ms avg latency, .* (\d+) ms 50th, .* (\d+) ms 99th, (\d+) ms 99\.9th~m', $text, $m)) {
    complete($m[1]);
    $figures['messages_per_second'] = (float) $m[3];
    $figures += ['average_ms' => (float) $m[4], 'p50_ms' => (int) $m[5], 'p99_ms' => (int) $m[6], 'p999_ms' => (int) $m[7]];
} elseif (preg_match('~rebalance\.time\.ms.*\n(.+)~', $text, $m)) {
    // Without the joining of the group, which is ours to hasten but not what is measured here.
    $columns = array_map(trim(...), explode(',', $m[1]));
    complete($columns[4]);
    $figures['messages_per_second'] = (float) $columns[9];
} elseif (preg_match_all('~^% (\d+) messages produced .*?, (\d+) delivered .* in \d+ms: (\d+) msgs/s~m', $text, $m)
    || preg_match_all('~^% ((\d+)) messages \(\d+ bytes\) consumed in \d+ms: (\d+) msgs/s~m', $text, $m)) {
    complete(end($m[2]));
    $figures['messages_per_second'] = (float) end($m[3]);
} elseif ($text !== '') {
    fwrite(STDERR, "not understood:\n$text");
    exit(1);
}
echo json_encode($figures, JSON_THROW_ON_ERROR);
