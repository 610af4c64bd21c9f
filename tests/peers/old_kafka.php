<?php
/**
 * Message sets of magic 1 between us and other clients through Apache Kafka 0.10.2, which keeps them as they were written;
 * the magic is looked up in its log.
 *
 *   old_kafka.php PYTHON FRANZ-BINARY JAVA-FOLDER
 *
 * JAVA-FOLDER has classes/, 0.10.2.2/ with Java's client, and broker/.
 */

declare(strict_types=1);
require __DIR__ . '/records.php';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4'];

[, $python, $franz, $java] = $argv;
// the command, the release to name to it: the others ask the broker
$peers = [
    'librdkafka' => [[$python, __DIR__ . '/python.py', 'confluent'], null],
    'kafka-python' => [[$python, __DIR__ . '/python.py', 'kafka'], null],
    'franz-go' => [[$franz], null],
    'Java' => [['java', '-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', "$java/classes:$java/0.10.2.2/*", 'MessageSets'], '0.10.2.2'],
];

/** A broker of 0.10.2 and its ZooKeeper. */
final class OldKafka
{
    public readonly string $address;
    private readonly string $folder;
    /** @var list<Child> */
    private array $processes = [];

    public function __construct(string $jars)
    {
        $this->folder = sys_get_temp_dir() . '/old-kafka-' . getmypid();
        mkdir($this->folder);
        [$zookeeper, $port] = self::freePorts();
        $this->address = "127.0.0.1:$port";
        $this->start($jars, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', "dataDir=$this->folder/zookeeper\n" .
            "clientPort=$zookeeper\nclientPortAddress=127.0.0.1\n");
        self::await($zookeeper);
        $this->start($jars, 'kafka.Kafka', "broker.id=0\nlisteners=PLAINTEXT://$this->address\nlog.dirs=$this->folder/data\n" .
            "zookeeper.connect=127.0.0.1:$zookeeper\noffsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n");
        self::await($port);
    }

    /** The magic of the first message in partition 0. */
    public function magic(string $topic): int
    {
        return ord(file_get_contents("$this->folder/data/$topic-0/00000000000000000000.log", false, null, 16, 1));
    }

    public function end(): void
    {
        foreach ($this->processes as $process) {
            $process->signal(SIGKILL);
            $process->await(10);
        }
        exec('rm -rf ' . escapeshellarg($this->folder));
    }

    private function start(string $jars, string $class, string $properties): void
    {
        $file = "$this->folder/$class.properties";
        file_put_contents($file, $properties);
        $this->processes[] = new Child(['java', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', "$jars/*", $class, $file],
            "$this->folder/$class.log");
    }

    /** @return list<int> */
    private static function freePorts(): array
    {
        $sockets = [stream_socket_server('tcp://127.0.0.1:0'), stream_socket_server('tcp://127.0.0.1:0')];
        return array_map(fn ($socket) => (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1), $sockets);
    }

    private static function await(int $port): void
    {
        for ($tries = 0; $tries < 600; $tries++) {
            if (@stream_socket_client("tcp://127.0.0.1:$port", $code, $text, 1) !== false) {
                return;
            }
            usleep(100000);
        }
        throw new RuntimeException("nothing listens on port $port after a minute");
    }
}

$kafka = new OldKafka("$java/broker");
register_shutdown_function($kafka->end(...));
$records = array_map(fn (array $r) => [$r[0], $r[1], $r[2], []], records());
$magic = fn (string $topic): string => $kafka->magic($topic) === 1 ? '' : "of magic {$kafka->magic($topic)}";
$report = function (string $what, callable $wrong): void {
    try {
        $wrong = $wrong();
    } catch (Throwable $e) {
        $wrong = $e->getMessage();
    }
    check($wrong === '', "$what $wrong");
};
foreach (COMPRESSIONS as $compression) {
    $ours = new_topic($kafka->address, 'old');
    $report("0.10.2: we write ($compression)", function () use ($kafka, $ours, $compression, $records, $magic) {
        write_ours($kafka->address, $ours, $records, ['compression.type' => $compression]);
        return difference(as_php_has_it($records), read_ours($kafka->address, $ours)) . $magic($ours);
    });
    foreach ($peers as $peer => [$command, $release]) {
        $named = $release === null ? [] : [$release];
        $report("... and $peer reads it", function () use ($kafka, $ours, $command, $named, $records) {
            $count = (string) count($records);
            return difference($records, from_lines(run([...$command, 'read', $kafka->address, $ours, $count, ...$named], '')));
        });
        $topic = new_topic($kafka->address, 'old');
        $report("0.10.2: $peer writes ($compression), we read", function () use ($kafka, $topic, $command, $named, $compression, $records, $magic) {
            run([...$command, 'write', $kafka->address, $topic, $compression, ...$named], to_lines($records));
            return difference(as_php_has_it($records), read_ours($kafka->address, $topic)) . $magic($topic);
        });
    }
}
exit($failures === 0 ? 0 : 1);
