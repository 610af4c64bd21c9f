<?php
/**
 * The demo: real records go from PHP through the Kafka client over TCP into a broker's log,
 * and back into a PHP consumer group. It proves that none was lost, doubled or reordered.
 *
 *   php -d extension=rdkafka.so demo.php --broker=PATH/rdkafka-broker [--rounds=N] [FILE]
 *
 * FILE is any text file; the default is the package database of a Debian machine. The first run
 * uses the broker embedded in this very process, the second one starts rdkafka-broker.
 * Exit status: 0 when everything came back exactly once and in order, 1 otherwise.
 */

declare(strict_types=1);

require __DIR__ . '/records.php';
require __DIR__ . '/consumers.php';
require __DIR__ . '/progress.php';
require __DIR__ . '/run.php';

const TOPIC = 'demo-records';
const PARTITIONS = 4;
const CONSUMERS = 2;
const DEFAULT_INPUT = '/var/lib/dpkg/status';
/** Small inputs are sent several times over, so that there is something to watch. */
const WANTED_MESSAGES = 50000;
const PATIENCE_SECONDS = 60;

exit(main($argv));

function main(array $argv): int
{
    [$options, $file] = parse_arguments($argv);
    if (!is_readable($file)) {
        fwrite(STDERR, "demo: cannot read $file; name a text file: demo.php FILE\n");
        return 1;
    }
    $records = read_records($file);
    if ($records === []) {
        fwrite(STDERR, "demo: $file holds no text\n");
        return 1;
    }
    $rounds = (int) ($options['rounds'] ?? max(1, intdiv(WANTED_MESSAGES, count($records))));
    printf("%s: %d records, sent %d times, %d partitions, %d consumers\n",
        $file, count($records), $rounds, PARTITIONS, CONSUMERS);

    $embedded = run('embedded broker (inside this PHP process)', embedded_broker(...), $records, $rounds);
    $binary = $options['broker'] ?? null;
    if ($binary === null) {
        echo "no --broker given: the second run, with rdkafka-broker, is left out\n";
        return $embedded ? 0 : 1;
    }
    $standalone = run('rdkafka-broker (its own process)', fn () => standalone_broker($binary), $records, $rounds);
    return $embedded && $standalone ? 0 : 1;
}

function parse_arguments(array $argv): array
{
    $options = [];
    $file = DEFAULT_INPUT;
    foreach (array_slice($argv, 1) as $argument) {
        if (preg_match('/^--(\w+)=(.*)$/', $argument, $m)) {
            $options[$m[1]] = $m[2];
        } else {
            $file = $argument;
        }
    }
    return [$options, $file];
}

/** @return array{string, callable} the address, and what stops the broker */
function embedded_broker(): array
{
    $conf = new RdKafka\Conf();
    $conf->set('test.mock.num.brokers', '1'); // its topics have four partitions, as librdkafka's have
    $host = new RdKafka\Producer($conf);
    foreach ($host->getMetadata(true, null, 5000)->getBrokers() as $broker) {
        // $host is kept by the closure: the embedded broker lives as long as it does
        return [$broker->getHost() . ':' . $broker->getPort(), function () use (&$host): void { $host = null; }];
    }
    throw new RuntimeException('the embedded broker did not answer');
}

/** @return array{string, callable} the address, and what stops the broker */
function standalone_broker(string $binary): array
{
    $folder = sys_get_temp_dir() . '/rdkafka-demo-' . getmypid();
    $process = proc_open(
        [$binary, 'serve', '--listen', '127.0.0.1:0', '--data-dir', $folder, '--topic', TOPIC . ':' . PARTITIONS],
        [0 => ['file', '/dev/null', 'r'], 1 => ['pipe', 'w'], 2 => STDERR],
        $pipes,
    );
    $ready = is_resource($process) ? fgets($pipes[1]) : false;
    if ($ready === false || !preg_match('/ready on (\S+)/', $ready, $m)) {
        throw new RuntimeException("$binary did not become ready");
    }
    return [$m[1], function () use ($process, $folder): void {
        proc_terminate($process, SIGTERM);
        proc_close($process);
        remove_folder($folder);
    }];
}

/** Removes a folder and what is in it. */
function remove_folder(string $folder): void
{
    $inside = new RecursiveIteratorIterator(
        new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS),
        RecursiveIteratorIterator::CHILD_FIRST,
    );
    foreach ($inside as $entry) {
        $entry->isDir() ? rmdir((string) $entry) : unlink((string) $entry);
    }
    rmdir($folder);
}
