<?php
/** The consumer processes of the demo, as seen by their parent. */

declare(strict_types=1);

final class Consumers
{
    /** @var list<resource> */
    private array $processes = [];
    /** @var list<resource> */
    private array $inputs = [];
    /** @var list<resource> */
    private array $outputs = [];
    /** @var list<string> the unfinished last line of each output */
    private array $rest = [];
    /** @var array<int, list<int>> consumer number => partitions of its last assignment */
    public array $assignments = [];

    /** Starts $count members of $group; they report through $onMessage(consumer, sequence, partition, offset, key crc, payload crc). */
    public function __construct(int $count, string $brokers, string $topic, string $group, private Closure $onMessage)
    {
        for ($i = 0; $i < $count; $i++) {
            $this->processes[$i] = proc_open(
                [PHP_BINARY, ...loaded_extension_arguments(), __DIR__ . '/consumer.php', $brokers, $topic, $group],
                [0 => ['pipe', 'r'], 1 => ['pipe', 'w'], 2 => STDERR],
                $pipes,
            );
            [$this->inputs[$i], $this->outputs[$i]] = $pipes;
            stream_set_blocking($this->outputs[$i], false);
            $this->rest[$i] = '';
        }
    }

    /** Reads what the consumers said, waiting at most $seconds for the first word. */
    public function listen(float $seconds): void
    {
        $ready = array_filter($this->outputs, fn ($o) => !feof($o));
        $none = null;
        if ($ready === [] || !stream_select($ready, $none, $none, (int) $seconds, (int) (fmod($seconds, 1) * 1e6))) {
            return;
        }
        foreach (array_keys($ready) as $i) {
            $text = $this->rest[$i] . fread($this->outputs[$i], 1 << 20);
            $lines = explode("\n", $text);
            $this->rest[$i] = array_pop($lines);
            foreach ($lines as $line) {
                $this->hear($i, $line);
            }
        }
    }

    private function hear(int $i, string $line): void
    {
        if (str_starts_with($line, 'assigned ')) {
            $list = substr($line, 9);
            $this->assignments[$i] = $list === '' ? [] : array_map(intval(...), explode(',', $list));
            return;
        }
        [$sequence, $partition, $offset, $key, $payload] = explode(' ', $line);
        ($this->onMessage)($i, (int) $sequence, (int) $partition, (int) $offset, hexdec($key), hexdec($payload));
    }

    /** True once every partition has one owner and every consumer has a share. */
    public function share(int $partitions, int $count): bool
    {
        $owned = array_merge([], ...$this->assignments);
        sort($owned);
        return $owned === range(0, $partitions - 1) && count(array_filter($this->assignments)) === $count;
    }

    /** Asks all to end, hears them out and returns how many did not end well. */
    public function stop(): int
    {
        array_map(fclose(...), $this->inputs);
        $until = microtime(true) + 10;
        while (array_filter($this->outputs, fn ($o) => !feof($o)) !== [] && microtime(true) < $until) {
            $this->listen(0.1);
        }
        $failed = 0;
        foreach ($this->processes as $i => $process) {
            fclose($this->outputs[$i]);
            $failed += proc_close($process) === 0 ? 0 : 1;
        }
        return $failed;
    }
}

/** The `-d extension=` of this process, for the children. */
function loaded_extension_arguments(): array
{
    foreach (explode("\0", (string) file_get_contents('/proc/self/cmdline')) as $argument) {
        if (str_starts_with($argument, 'extension=')) {
            return ['-d', $argument];
        }
    }
    return [];
}
