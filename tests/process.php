<?php
/** Servers as child processes, and what /proc says about them. */

declare(strict_types=1);

final class Process
{
    /** Every process that still has to end. */
    private static array $running = [];

    private function __construct(private mixed $handle, public readonly int $pid, public readonly string $log)
    {
    }

    /**
     * Starts a command; what it prints goes to a file.
     *
     * @param list<string> $command
     * @param array<string, string> $environment added to ours
     */
    public static function start(array $command, string $log, array $environment = []): self
    {
        $files = [['file', '/dev/null', 'r'], ['file', $log, 'a'], ['file', $log, 'a']];
        $handle = proc_open($command, $files, $pipes, null, $environment + getenv());
        $process = new self($handle, proc_get_status($handle)['pid'], $log);
        if (self::$running === []) {
            register_shutdown_function(fn () => array_map(fn (self $left) => $left->kill(), self::$running));
        }
        return self::$running[] = $process;
    }

    public function output(): string
    {
        return (string) file_get_contents($this->log);
    }

    public function isRunning(): bool
    {
        return $this->handle !== null && proc_get_status($this->handle)['running'];
    }

    /** Sends a signal and waits for the end; the seconds it took, or null when it did not end. */
    public function stop(int $signal = SIGTERM, float $seconds = 10): ?float
    {
        $started = microtime(true);
        posix_kill($this->pid, $signal);
        $ended = until(fn () => !$this->isRunning(), $seconds) ? microtime(true) - $started : null;
        $this->kill();
        return $ended;
    }

    private function kill(): void
    {
        if ($this->isRunning()) {
            posix_kill($this->pid, SIGKILL);
        }
        if ($this->handle !== null) {
            proc_close($this->handle);
            $this->handle = null;
        }
        self::$running = array_filter(self::$running, fn (self $other) => $other !== $this);
    }
}

/** Waits for a condition. */
function until(callable $condition, float $seconds = 10): bool
{
    for ($until = microtime(true) + $seconds; !($holds = $condition()) && microtime(true) < $until;) {
        usleep(5000);
    }
    return $holds;
}

/** @return array{rss: int, threads: int, files: int} resident memory in kB, threads, open files */
function resources(int $pid): array
{
    $status = file_get_contents("/proc/$pid/status");
    $field = fn (string $name): int => preg_match("/^$name:\s+(\d+)/m", $status, $match) ? (int) $match[1] : 0;
    return ['rss' => $field('VmRSS'), 'threads' => $field('Threads'), 'files' => count(scandir("/proc/$pid/fd")) - 2];
}

/** A port nobody listens on. */
function free_port(): int
{
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    return (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
}
