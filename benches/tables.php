<?php
/**
 * What the tables of broker.sh and clients.sh share: they read what was noted, lines of who, case and figures, several rounds
 * of each. Figures are medians; a ratio is that of a pair of neighbouring measurements, as median [least-most].
 */

declare(strict_types=1);

require __DIR__ . '/support.php';

/** Case, who, round: figures. */
function read_notes(string $path): array
{
    $noted = [];
    foreach (file($path, FILE_IGNORE_NEW_LINES) as $line) {
        [$who, $case, $figures] = explode("\t", $line);
        $noted[$case][$who][] = json_decode($figures, true, flags: JSON_THROW_ON_ERROR);
    }
    return $noted;
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
