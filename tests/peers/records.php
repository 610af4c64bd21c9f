<?php
/** What the programs of this folder that compare records share: the records, other clients' processes and lines. */

declare(strict_types=1);
require __DIR__ . '/../cluster/lib.php';

/** @return list<array{?string, ?string, int, list<array{string, ?string}>}> key, value, time, headers */
function records(): array
{
    $records = [
        ['key', 'value', 1600000000000, [['a', 'b']]],
        [null, 'without key', 1600000000001, []],
        ['without value', null, 1600000000002, [['h', null], ['h', ''], ['h', "\0\xff"]]],
        ['', '', 1600000000003, [['ümlaut', 'ü']]],
        ["\0\1\2\xff", random_bytes(1000), 1600000000004, []],
        ['large', str_repeat('compressible ', 30000), 1600000000005, []],
    ];
    for ($i = 0; $i < 200; $i++) {
        $records[] = ["key-$i", "value-$i", 1600000001000 + $i, [['number', (string) $i]]];
    }
    return $records;
}

/** Runs a peer with $input; its output. */
function run(array $command, string $input): string
{
    $in = tmpfile();
    fwrite($in, $input);
    rewind($in);
    $out = tmpfile();
    $error = tmpfile();
    $process = proc_open($command, [$in, $out, $error], $pipes);
    $status = proc_close($process);
    $read = function ($file): string {
        rewind($file);
        return (string) stream_get_contents($file);
    };
    if ($status !== 0) {
        throw new RuntimeException(implode(' ', $command) . " ended with $status: " . substr($read($error), -500));
    }
    return $read($out);
}

function to_lines(array $records): string
{
    $code = fn (?string $bytes): ?string => $bytes === null ? null : base64_encode($bytes);
    $lines = '';
    foreach ($records as [$key, $value, $timestamp, $headers]) {
        $named = array_map(fn (array $h) => ['name' => $h[0], 'value' => $code($h[1])], $headers);
        $lines .= json_encode(['key' => $code($key), 'value' => $code($value), 'timestamp' => $timestamp, 'headers' => $named]) . "\n";
    }
    return $lines;
}

function from_lines(string $lines): array
{
    $decode = fn (?string $text): ?string => $text === null ? null : base64_decode($text);
    return array_map(function (string $line) use ($decode): array {
        $record = json_decode($line, true, 10, JSON_THROW_ON_ERROR);
        $headers = array_map(fn (array $h) => [$h['name'], $decode($h['value'])], $record['headers']);
        return [$decode($record['key']), $decode($record['value']), $record['timestamp'], $headers];
    }, array_filter(explode("\n", $lines)));
}

/**
 * PHP's arrays hold one header of a name and no null in it, and a message without payload has no time there; both sides
 * are compared in that form.
 */
function as_php_has_it(array $records): array
{
    return array_map(function (array $record): array {
        $headers = [];
        foreach ($record[3] as [$name, $value]) {
            $headers[$name] = (string) $value;
        }
        return [$record[0], $record[1], $record[1] === null ? null : $record[2], $headers];
    }, $records);
}

function read_ours(string $brokers, string $topic, array $settings = []): array
{
    $records = [];
    foreach (read_to_end($brokers, $topic, 1, $settings) as $message) {
        $headers = array_map(strval(...), $message->headers ?? []);
        $records[] = [$message->key, $message->payload, $message->timestamp, $headers];
    }
    return $records;
}

/** What differs first, for people. */
function difference(array $expected, array $found): string
{
    foreach ($expected as $index => $record) {
        if (($found[$index] ?? null) !== $record) {
            return "record $index of " . count($found) . ': ' . substr(json_encode([$record, $found[$index] ?? null], JSON_PARTIAL_OUTPUT_ON_ERROR), 0, 300);
        }
    }
    return count($found) === count($expected) ? '' : count($found) . ' records';
}

/** Writes them by ours; PHP's headers are an array by name. */
function write_ours(string $brokers, string $topic, array $records, array $settings): void
{
    $producer = new RdKafka\Producer(chaos_conf($brokers, $settings + ['linger.ms' => '50']));
    $handle = $producer->newTopic($topic);
    foreach ($records as [$key, $value, $timestamp, $headers]) {
        $handle->producev(0, 0, $value, $key, array_column($headers, 1, 0), $timestamp);
    }
    $producer->flush(30000);
}

/** A new topic with a name that begins so. */
function new_topic(string $brokers, string $prefix): string
{
    static $asking = null, $round = 0, $suffix = null;
    $suffix ??= bin2hex(random_bytes(3));
    $asking ??= new RdKafka\Producer(chaos_conf($brokers, []));
    $name = "$prefix-$suffix-" . ++$round;
    for ($tries = 0; $tries < 50; $tries++) {
        // asking creates it
        foreach ($asking->getMetadata(false, $asking->newTopic($name), 10000)->getTopics() as $topic) {
            if ($topic->getErr() === 0 && count($topic->getPartitions()) > 0) {
                return $name;
            }
        }
        usleep(100000);
    }
    throw new RuntimeException("$name was not created");
}
