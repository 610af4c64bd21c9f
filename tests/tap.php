<?php
/** TAP, the test lines that `./dev test` counts. */

declare(strict_types=1);

/** One line: `ok` or `not ok` with what was found instead. */
function check(string $what, bool $holds, mixed $found = null): void
{
    static $number = 0;
    $number++;
    echo $holds ? "ok $number - $what\n" : "not ok $number - $what\n# found: " . json_encode($found) . "\n";
}

function same(string $what, mixed $expected, mixed $found): void
{
    check($what, $expected === $found, $found);
}

/** The same for times and sizes: `$found` may not be above `$limit`. */
function at_most(string $what, float|int $limit, float|int|null $found): void
{
    check($what, $found !== null && $found <= $limit, $found);
}
