<?php
/**
 * The record formats before record batches (message sets of magic 0 and 1) between us and other clients, through
 * rdkafka-broker: what each writes as to an old release is read by ours, as to any release; what ours writes so is read by
 * them. Clients negotiate, so that each line also looks at the versions of Produce and Fetch that reached the broker.
 *
 * Magic 1 is for those alone who can be told to speak it to a broker that knows newer ones; the others: old_kafka.php.
 *
 *   message_sets.php RDKAFKA-BROKER PYTHON FRANZ-BINARY JAVA-FOLDER
 *
 * JAVA-FOLDER has classes/ and, by release, Java's clients.
 */

declare(strict_types=1);
require __DIR__ . '/records.php';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4'];
/** By magic: the first and the last version with that format. */
const FORMATS = [
    0 => ['Produce' => [0, 1], 'Fetch' => [0, 1]],
    1 => ['Produce' => [2, 2], 'Fetch' => [2, 3]],
    2 => ['Produce' => [3, 99], 'Fetch' => [4, 99]],
];
/** By magic: settings with which ours speaks it. As librdkafka, it asks the broker when that is told to be of 0.10 or later. */
const OURS = [0 => ['api.version.request' => 'false', 'broker.version.fallback' => '0.9.0'], 2 => []];

[, $binary, $python, $franz, $java] = $argv;
$confluent = [$python, __DIR__ . '/python.py', 'confluent'];
$kafkaPython = [$python, __DIR__ . '/python.py', 'kafka'];
$javaOf = fn (string $release): array =>
    ['java', '-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', "$java/classes:$java/$release/*", 'MessageSets'];
// who, its command, the release it takes the broker for, the magic that it then has to speak
$peers = [
    ['librdkafka', $confluent, '0.9.0.1', 0],
    ['librdkafka', $confluent, null, 2],
    ['kafka-python', $kafkaPython, '0.9', 0],
    ['kafka-python', $kafkaPython, '0.10.1', 1],
    ['kafka-python', $kafkaPython, null, 2],
    ['franz-go', [$franz], '0.9.0', 0],
    ['franz-go', [$franz], '0.10.2', 1],
    ['franz-go', [$franz], null, 2],
    ['Java', $javaOf('0.9.0.1'), '0.9.0.1', 0],
    ['Java', $javaOf('0.10.2.2'), '0.10.2.2', 1],
    ['Java', $javaOf('0.11.0.3'), '0.11.0.3', 2],
];

/** rdkafka-broker in memory, which logs every request. */
final class LoggingBroker
{
    public readonly string $address;
    private readonly Child $process;
    private readonly string $log;
    private int $seen = 0;
    private int $lastConnection = -1;

    public function __construct(string $binary)
    {
        $this->log = tempnam(sys_get_temp_dir(), 'message-sets');
        $this->process = new Child([$binary, 'serve', '--listen', '127.0.0.1:0', '--ephemeral', '--log-level',
            'rdkafka_broker::connection=trace'], $this->log);
        for ($tries = 0; $tries < 500; $tries++) {
            if (preg_match('/ready on (\S+)/', file_get_contents($this->log), $found)) {
                $this->address = $found[1];
                return;
            }
            usleep(20000);
        }
        throw new RuntimeException('the broker did not become ready: ' . file_get_contents($this->log));
    }

    /**
     * The versions of a request that came since the last call, on connections made since then: the last request of a client
     * that has ended may be read late. Text that is not empty when one is of another format.
     */
    public function unexpected(string $api, int $magic): string
    {
        $text = file_get_contents($this->log, false, null, $this->seen);
        $text = substr($text, 0, (int) strrpos($text, "\n"));
        $this->seen += strlen($text);
        preg_match_all('/connection=(\d+) api="(\w+)" version=(\d+)/', $text, $requests, PREG_SET_ORDER);
        $requests = array_filter($requests, fn (array $request): bool => (int) $request[1] > $this->lastConnection);
        $this->lastConnection = max([$this->lastConnection, ...array_map(intval(...), array_column($requests, 1))]);
        $requests = array_filter($requests, fn (array $request): bool => $request[2] === $api);
        $versions = array_unique(array_column($requests, 3));
        [$first, $last] = FORMATS[$magic][$api];
        $good = array_filter($versions, fn (string $version) => $version >= $first && $version <= $last);
        return $versions !== [] && $good === $versions ? '' : "by $api version " . (implode(', ', $versions) ?: 'none');
    }

    public function end(): void
    {
        $this->process->signal(SIGTERM);
        $this->process->await(10);
        unlink($this->log);
    }
}

/** What is left of records that went through formats: magic 0 has no timestamps, and headers need magic 2. */
function left_of(array $records, int ...$magics): array
{
    return array_map(fn (array $r) => [$r[0], $r[1], min($magics) === 0 ? -1 : $r[2], min($magics) < 2 ? [] : $r[3]], $records);
}

/** A line of the report; $wrong says what is wrong, or throws. */
function report(string $what, callable $wrong): void
{
    try {
        $wrong = $wrong();
    } catch (Throwable $e) {
        $wrong = $e->getMessage();
    }
    check($wrong === '', "$what $wrong");
}

$broker = new LoggingBroker($binary);
$records = array_map(fn (array $r) => [$r[0], $r[1], $r[2], []], records());
foreach ($peers as [$peer, $command, $release, $magic]) {
    if ($release === null) {
        // interop.php knows
        continue;
    }
    foreach (COMPRESSIONS as $compression) {
        $topic = new_topic($broker->address, 'sets');
        report("$peer as to $release writes ($compression)", function () use ($broker, $command, $topic, $compression, $release, $magic, $records) {
            run([...$command, 'write', $broker->address, $topic, $compression, $release], to_lines($records));
            return $broker->unexpected('Produce', $magic);
        });
        foreach (array_keys(OURS) as $ours) {
            report("... and we read it in format $ours", function () use ($broker, $topic, $magic, $ours, $records) {
                $read = read_ours($broker->address, $topic, OURS[$ours]);
                return difference(as_php_has_it(left_of($records, $magic, $ours)), $read) . $broker->unexpected('Fetch', $ours);
            });
        }
    }
}
foreach (array_keys(OURS) as $ours) {
    foreach (COMPRESSIONS as $compression) {
        $topic = new_topic($broker->address, 'sets');
        report("we write in format $ours ($compression)", function () use ($broker, $topic, $compression, $ours, $records) {
            write_ours($broker->address, $topic, $records, OURS[$ours] + ['compression.type' => $compression]);
            return $broker->unexpected('Produce', $ours);
        });
        foreach ($peers as [$peer, $command, $release, $magic]) {
            // two of batches is interop.php's; franz-go does not know the header checksum that LZ4 had in magic 0
            if (($ours === 2 && $magic === 2) || ($peer === 'franz-go' && $magic === 0 && $compression === 'lz4')) {
                continue;
            }
            $asTo = $release === null ? 'the newest' : $release;
            report("... and $peer reads it as from $asTo", function () use ($broker, $command, $topic, $release, $magic, $ours, $records) {
                $count = (string) count($records);
                $read = from_lines(run([...$command, 'read', $broker->address, $topic, $count, ...array_filter([$release])], ''));
                return difference(left_of($records, $ours, $magic), $read) . $broker->unexpected('Fetch', $magic);
            });
        }
    }
}
$broker->end();
exit($failures === 0 ? 0 : 1);
