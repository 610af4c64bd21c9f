<?php
/** What the programs of this folder share: processes, the nodes of the cluster, reading a topic to its end. */

declare(strict_types=1);

pcntl_async_signals(true);

/** The extension this process runs under, for children. */
function php_command(string $script, string ...$arguments): array
{
    return [PHP_BINARY, '-n', '-d', 'extension=' . getenv('RDKAFKA_SO'), '-d', 'memory_limit=1G',
        __DIR__ . "/$script.php", ...$arguments];
}

/** A child of this process, its standard error in a file. */
final class Child
{
    private $process;
    private ?int $status = null;
    public readonly int $pid;

    public function __construct(array $command, public readonly string $errors)
    {
        $this->process = proc_open($command, [0 => ['file', '/dev/null', 'r'], 1 => ['file', $errors, 'a'],
            2 => ['file', $errors, 'a']], $pipes);
        $this->pid = proc_get_status($this->process)['pid'];
    }

    public function runs(): bool
    {
        $status = proc_get_status($this->process);
        if (!$status['running'] && $this->status === null) {
            $this->status = $status['signaled'] ? -$status['termsig'] : $status['exitcode'];
        }
        return $status['running'];
    }

    public function signal(int $signal): void
    {
        proc_terminate($this->process, $signal);
    }

    /** Waits for its end; its exit status, the negative number of the signal that ended it, or null. */
    public function await(float $seconds): ?int
    {
        $end = microtime(true) + $seconds;
        while ($this->runs()) {
            if (microtime(true) > $end) {
                return null;
            }
            usleep(20000);
        }
        return $this->status;
    }
}

/** The nodes of tests/kafka/cluster. */
final class Nodes
{
    private const SCRIPT = __DIR__ . '/../kafka/cluster';

    public static function do(string ...$arguments): string
    {
        $command = implode(' ', array_map('escapeshellarg', [self::SCRIPT, ...$arguments]));
        exec("$command 2>&1", $lines, $status);
        if ($status !== 0) {
            throw new RuntimeException("$command: " . implode("\n", $lines));
        }
        return implode("\n", $lines);
    }

    /** The same, not waited for. */
    public static function begin(string ...$arguments): Child
    {
        return new Child([self::SCRIPT, ...$arguments], '/dev/null');
    }

    public static function createTopic(string $name, int $partitions, string ...$configs): void
    {
        $options = [];
        foreach ($configs as $config) {
            array_push($options, '--config', $config);
        }
        self::do('tool', 'TopicCommand', '--create', '--topic', $name, '--partitions', (string) $partitions,
            '--replication-factor', '3', ...$options);
    }
}

/** A configuration for a cluster whose nodes come and go. */
function chaos_conf(string $brokers, array $settings): RdKafka\Conf
{
    $conf = new RdKafka\Conf();
    $settings += ['bootstrap.servers' => $brokers, 'log_level' => '0', 'reconnect.backoff.max.ms' => '500',
        'topic.metadata.refresh.interval.ms' => '30000'];
    foreach ($settings as $name => $value) {
        $conf->set($name, (string) $value);
    }
    // broken connections are the point
    $conf->setErrorCb(function ($client, int $code, string $reason): void {
        if ($code === RD_KAFKA_RESP_ERR__FATAL) {
            fwrite(STDERR, "fatal: $reason\n");
        }
    });
    return $conf;
}

/** Reads partitions 0 to $partitions - 1 of a topic to their ends: gives partition => message, one after the other. */
function read_to_end(string $brokers, string $topic, int $partitions, array $settings = []): Generator
{
    $conf = chaos_conf($brokers, $settings + ['enable.partition.eof' => 'true', 'queued.min.messages' => '10000']);
    $consumer = new RdKafka\Consumer($conf);
    $reader = $consumer->newTopic($topic);
    $queue = $consumer->newQueue();
    for ($partition = 0; $partition < $partitions; $partition++) {
        $reader->consumeQueueStart($partition, RD_KAFKA_OFFSET_BEGINNING, $queue);
    }
    $open = array_fill(0, $partitions, true);
    while ($open !== []) {
        $message = $queue->consume(30000);
        if ($message === null) {
            throw new RuntimeException("$topic could not be read to its end within 30 seconds of silence");
        }
        if ($message->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            unset($open[$message->partition]);
        } elseif ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            yield $message->partition => $message;
        }
    }
    for ($partition = 0; $partition < $partitions; $partition++) {
        $reader->consumeStop($partition);
    }
}

/**
 * Every offset that was ever committed, in the order of the log that groups are kept in:
 * group => topic => partition => list of offsets.
 */
function committed_history(string $brokers): array
{
    $string = function (string $bytes, int &$at): string {
        $length = unpack('n', $bytes, $at)[1];
        $text = substr($bytes, $at + 2, $length);
        $at += 2 + $length;
        return $text;
    };
    $history = [];
    foreach (read_to_end($brokers, '__consumer_offsets', 3) as $message) {
        $at = 2;
        if ($message->key === null || $message->payload === null || unpack('n', $message->key)[1] > 1) {
            continue;
        }
        $group = $string($message->key, $at);
        $topic = $string($message->key, $at);
        $partition = unpack('N', $message->key, $at)[1];
        $history[$group][$topic][$partition][] = unpack('J', $message->payload, 2)[1];
    }
    return $history;
}

$failures = 0;
function check(bool $good, string $what): void
{
    global $failures;
    echo $good ? 'ok' : 'not ok', " - $what\n";
    $failures += $good ? 0 : 1;
}

function note(string $text): void
{
    printf("# %6.1f %s\n", microtime(true) - $_SERVER['REQUEST_TIME_FLOAT'], $text);
}
