<?php
/**
 * Instructions that PHP's process executes for one message, counted by valgrind (callgrind): unlike times they hardly
 * depend on what else the machine does, so they show small changes. What the kernel does is not counted, and connecting
 * cancels out: each figure is the difference of a long and a short run. Prints a Markdown table.
 *
 *   php instructions.php --extension=rdkafka.so --broker=rdkafka-broker [--reference=OTHER.so] [--only=NAME[,NAME...]]
 */

declare(strict_types=1);

require __DIR__ . '/support.php';

const SHORT_RUN = 10_000;
const LONG_RUN = 30_000;
/** name => what fills the topic, for those that read. */
const WORKLOADS = [
    'produce-100' => null,
    'produce-100-reports' => null,
    'producev' => null,
    'consume-100' => 'produce-100',
    'consume-headers' => 'producev',
    'consume-batch' => 'produce-100',
];

$options = getopt('', ['extension:', 'broker:', 'reference:', 'only:']);
$extensions = array_filter(['ours' => $options['extension'], 'reference' => $options['reference'] ?? null]);
$only = isset($options['only']) ? explode(',', $options['only']) : array_keys(WORKLOADS);
if ($unknown = array_diff($only, array_keys(WORKLOADS))) {
    fwrite(STDERR, 'not counted: ' . implode(', ', $unknown) . ' (' . implode(', ', array_keys(WORKLOADS)) . ")\n");
    exit(2);
}
$stop = start_broker($options['broker'], array_map(fn (string $name): string => "$name:1", $only), [], $brokers);
echo "| workload | | on PHP's thread | on all threads |\n|---|---|--:|--:|\n";
foreach ($only as $name) {
    if (WORKLOADS[$name] !== null) {
        run_php($extensions['ours'], __DIR__ . '/php/workloads.php', [WORKLOADS[$name], $brokers, $name, (string) LONG_RUN]);
    }
    foreach ($extensions as $who => $extension) {
        $short = count_instructions($extension, $name, $brokers, SHORT_RUN);
        $long = count_instructions($extension, $name, $brokers, LONG_RUN);
        // Those that produce write a fifth more, to warm up.
        $messages = (LONG_RUN - SHORT_RUN) * (WORKLOADS[$name] === null ? 1.2 : 1);
        $each = array_map(fn (int $many, int $few): string => number_format(($many - $few) / $messages), $long, $short);
        echo "| $name | $who | ", implode(' | ', $each), " |\n";
    }
}
$stop();

/** Instructions of the first thread, and of all. */
function count_instructions(string $extension, string $name, string $brokers, int $messages): array
{
    $folder = sys_get_temp_dir() . '/rdkafka-instructions-' . getmypid();
    @mkdir($folder);
    $inside = ['valgrind', '-q', '--tool=callgrind', '--separate-threads=yes', "--callgrind-out-file=$folder/out"];
    run_php($extension, __DIR__ . '/php/workloads.php', [$name, $brokers, $name, (string) $messages], $inside);
    $counts = [];
    foreach (glob("$folder/out*") as $file) {
        if (preg_match('/-(\d+)$/', $file, $thread) && preg_match('/^totals: (\d+)/m', (string) file_get_contents($file), $total)) {
            $counts[(int) $thread[1]] = (int) $total[1];
        }
        unlink($file);
    }
    rmdir($folder);
    return [$counts[1] ?? 0, array_sum($counts)];
}
