<?php
/** Turns a text file into records: (key, fields). */

declare(strict_types=1);

/**
 * A package database yields one record per package, keyed by the package's name; any other text
 * one record per line that is not blank, keyed by its first word.
 *
 * @return list<array{key: string, fields: array<string, string>}>
 */
function read_records(string $file): array
{
    $text = (string) file_get_contents($file);
    return preg_match('/^Package: /m', $text) ? packages($text) : lines($text);
}

function packages(string $text): array
{
    $records = [];
    foreach (preg_split('/\n{2,}/', $text, -1, PREG_SPLIT_NO_EMPTY) as $stanza) {
        $fields = [];
        $name = null;
        foreach (explode("\n", $stanza) as $line) {
            if ($name !== null && preg_match('/^\s/', $line)) {
                $fields[$name] .= "\n" . trim($line);
            } elseif (preg_match('/^([\w-]+):\s*(.*)$/', $line, $m)) {
                $name = $m[1];
                $fields[$name] = $m[2];
            }
        }
        if (isset($fields['Package'])) {
            $records[] = ['key' => $fields['Package'], 'fields' => $fields];
        }
    }
    return $records;
}

function lines(string $text): array
{
    $records = [];
    foreach (explode("\n", $text) as $number => $line) {
        if (trim($line) !== '') {
            $key = preg_split('/\s+/', trim($line), 2)[0];
            $records[] = ['key' => $key, 'fields' => ['line' => (string) ($number + 1), 'text' => $line]];
        }
    }
    return $records;
}

/** The JSON message of a record; $sequence numbers all messages of a run from 0. */
function message_of(array $record, int $sequence): string
{
    return json_encode(
        ['sequence' => $sequence] + $record['fields'],
        JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE,
    );
}
