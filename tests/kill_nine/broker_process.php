<?php
/** A broker that is killed and started again, shared by the tests of this folder. */

declare(strict_types=1);

/** The broker's process, always at the same address. */
final class BrokerProcess
{
    private $process;
    private $output;
    public readonly string $address;

    /** @param list<string> $arguments */
    public function __construct(private string $binary, private string $folder, private array $arguments)
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $this->address = stream_socket_get_name($probe, false);
        fclose($probe);
        $this->start();
    }

    public function start(): void
    {
        $this->process = proc_open(
            [$this->binary, 'serve', '--listen', $this->address, '--data-dir', $this->folder, '--set', 'log.segment.bytes=4194304', ...$this->arguments],
            [0 => ['file', '/dev/null', 'r'], 1 => ['pipe', 'w'], 2 => ['file', dirname($this->folder) . '/kill_nine.err', 'a']],
            $pipes,
        );
        $this->output = $pipes[1];
        if (!str_contains((string) fgets($this->output), 'ready on')) {
            throw new RuntimeException('the broker did not come back: '
                . file_get_contents(dirname($this->folder) . '/kill_nine.err'));
        }
    }

    public function kill(): void
    {
        posix_kill(proc_get_status($this->process)['pid'], 9);
        fclose($this->output);
        proc_close($this->process);
    }
}
