<?php
/**
 * What it takes to walk fetched records and make `RdKafka\Message` objects of them: everything has been fetched before the clock
 * starts, so PHP's thread works alone. The rows add a part of a message each; their differences are what the part costs.
 *
 *   php message.php --extension=rdkafka.so --broker=rdkafka-broker [--reference=OTHER.so]
 */

declare(strict_types=1);

require __DIR__ . '/support.php';

const MESSAGES = 200_000;
const ROUNDS = 5;
/** What the message has, and how it is produced. */
const SHAPES = [
    'nothing' => [null, null, []],
    '100 B' => [100, null, []],
    '100 B and a key' => [100, 'a key of 16 byte', []],
    '100 B and two headers' => [100, null, ['trace-id' => '4bf92f3577b34da6', 'content-type' => 'application/json']],
];

if (($argv[1] ?? '') === 'fill' || ($argv[1] ?? '') === 'read') {
    echo json_encode($argv[1]($argv[2], $argv[3])), "\n";
    exit;
}

$options = getopt('', ['extension:', 'broker:', 'reference:']);
$extensions = array_filter(['ours' => $options['extension'], 'reference' => $options['reference'] ?? null]);
$topics = array_map(fn (int $number): string => "shape-$number:1", array_keys(array_keys(SHAPES)));
$stop = start_broker($options['broker'], $topics, [], $brokers);
$run = fn (string $extension, string $what, string $topic): float => (float) run_php($extension, __FILE__, [$what, $brokers, $topic]);
echo '| a message with | ', implode(' | ', array_map(fn (string $who): string => "$who, CPU ns", array_keys($extensions))), " |\n|---|",
    str_repeat('--:|', count($extensions)), "\n";
foreach (array_keys(SHAPES) as $number => $shape) {
    $run($extensions['ours'], 'fill', "shape-$number");
    $cells = [];
    foreach ($extensions as $extension) {
        $rounds = array_map(fn () => $run($extension, 'read', "shape-$number"), range(0, ROUNDS));
        $cells[] = number_format(median(array_slice($rounds, 1)), 1);
    }
    echo "| $shape | ", implode(' | ', $cells), " |\n";
}
$stop();

function fill(string $brokers, string $name): int
{
    [$bytes, $key, $headers] = array_values(SHAPES)[(int) substr($name, strlen('shape-'))];
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $conf->set('queue.buffering.max.messages', (string) MESSAGES);
    $producer = new RdKafka\Producer($conf);
    $topic = $producer->newTopic($name);
    $payload = $bytes === null ? null : str_repeat('x', $bytes);
    for ($i = 0; $i < MESSAGES; $i++) {
        $topic->producev(0, RD_KAFKA_MSG_F_BLOCK, $payload, $key, $headers);
    }
    return $producer->flush(60_000);
}

/** Nanoseconds of CPU of one message. */
function read(string $brokers, string $name): float
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $conf->set('queued.min.messages', (string) (2 * MESSAGES));
    $consumer = new RdKafka\Consumer($conf);
    $topic = $consumer->newTopic($name);
    $topic->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
    // Until all of it lies in the queue, as far as can be told from here: nobody works any more.
    do {
        $before = cpu_ns();
        usleep(300_000);
    } while (cpu_ns() - $before > 5_000_000);
    $topic->consumeBatch(0, 1000, 1000);
    $begin = cpu_ns();
    for ($read = 1000; $read < MESSAGES; $read += count($batch)) {
        $batch = $topic->consumeBatch(0, 1000, 1000);
        if ($batch === []) {
            throw new RuntimeException('nothing came');
        }
    }
    return (cpu_ns() - $begin) / (MESSAGES - 1000);
}
