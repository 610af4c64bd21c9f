<?php
/**
 * What nobody can go below on this machine, measured without either extension: PHP's own costs, copies, clocks, and
 * what the kernel takes for bytes over the loopback and into a file. Prints a Markdown table; BENCHMARKS.md sets the
 * figures of the extension and the broker against these.
 *
 *   php -n floors.php
 *   php -n floors.php append     only the request that is appended to a file, as an object of JSON
 */

declare(strict_types=1);

ini_set('memory_limit', '-1');

const ROUNDS = 15;
/** As `rdkafka-load` sends: a batch of 16 records of 1 KB, and an answer. */
const REQUEST_BYTES = 16_600;
const ANSWER_BYTES = 60;

if (($argv[1] ?? '') === 'serve') {
    serve((int) $argv[2], $argv[3] ?? null);
    exit;
}
if (($argv[1] ?? '') === 'append') {
    [$cpu, $rate] = requests('file');
    echo json_encode(['cpu_us_per_request' => $cpu, 'messages_per_second' => $rate * 16]), "\n";
    exit;
}

/** What a message looks like to the engine. */
final class TenProperties
{
    public int $err = 0;
    public ?string $topic = null;
    public ?int $timestamp = null;
    public ?int $partition = null;
    public ?string $payload = null;
    public ?int $len = null;
    public ?string $key = null;
    public ?int $offset = null;
    public ?array $headers = null;
    public ?string $opaque = null;
}

echo "| floor | | unit |\n|---|--:|---|\n";
in_php();
copies();
echo row('wake-up of another process and back, 1 byte over the loopback (p50)', round_trip(), 'us');
foreach ([[null, 'read and answered'], ['file', 'read, appended to a file and answered']] as [$file, $what]) {
    [$cpu, $rate] = requests($file);
    echo row("a request of 16 KB $what by a process that does nothing else, its CPU", $cpu, 'us');
    echo row("... requests a second, one connection, 5 under way", $rate, '/s', 0);
}
[$sent, $received] = stream();
echo row('bytes over the loopback in 1 MB writes, CPU of the sender', $sent, 'ns/KB');
echo row('... CPU of the receiver', $received, 'ns/KB');

function row(string $what, float $value, string $unit, int $digits = 1): string
{
    return "| $what | " . number_format($value, $digits) . " | $unit |\n";
}

function median(array $values): float
{
    sort($values);
    return (float) $values[intdiv(count($values), 2)];
}

/** Nanoseconds of CPU of one of $count turns of $work, beyond those of $idle. */
function each_ns(int $count, callable $work, ?callable $idle = null): float
{
    $rounds = [];
    for ($round = 0; $round <= ROUNDS; $round++) {
        $begin = own_cpu();
        $work($count);
        $middle = own_cpu();
        if ($idle !== null) {
            $idle($count);
        }
        $end = $idle === null ? $middle : own_cpu();
        $rounds[] = (($middle - $begin) - ($end - $middle)) / $count * 1e9;
    }
    return median(array_slice($rounds, 1));
}

function in_php(): void
{
    $loop = function (int $count): void {
        for ($i = 0; $i < $count; $i++) {
        }
    };
    echo row('PHP: a turn of an empty `for` loop', each_ns(1_000_000, $loop), 'ns');
    $call = function (int $count): void {
        for ($i = 0; $i < $count; $i++) {
            substr_compare('a', 'b', 0, 1);
        }
    };
    echo row('PHP: a native call with four arguments', each_ns(500_000, $call, $loop), 'ns');
    $numbers = range(1, 100_000);
    $callback = fn (int $count) => array_map(static fn (int $number): int => $number, $numbers);
    echo row('PHP: a callback that native code runs', each_ns(100_000, $callback), 'ns');
    $object = function (int $count): void {
        for ($i = 0; $i < $count; $i++) {
            $message = new TenProperties();
        }
    };
    echo row('PHP: a new object with ten typed properties, and its end', each_ns(500_000, $object, $loop), 'ns');
    $kept = function (int $count): void {
        for ($i = 0; $i < $count; $i += 1000) {
            $messages = [];
            for ($j = 0; $j < 1000; $j++) {
                $messages[] = new TenProperties();
            }
        }
    };
    echo row('PHP: the same, 1,000 of them alive at once', each_ns(200_000, $kept, $loop), 'ns');
    $text = str_repeat('x', 200);
    $string = function (int $count) use ($text): void {
        for ($i = 0; $i < $count; $i++) {
            $copy = substr($text, 1, 100);
        }
    };
    echo row('PHP: a new string of 100 bytes, and its end', each_ns(500_000, $string, $loop), 'ns');
    $clock = function (int $count): void {
        for ($i = 0; $i < $count; $i++) {
            hrtime(true);
        }
    };
    echo row('a look at the clock, from PHP', each_ns(500_000, $clock, $loop), 'ns');
}

function copies(): void
{
    foreach ([1 << 10, 1 << 20, 1 << 26] as $bytes) {
        $text = str_repeat('x', $bytes + 1);
        $count = max(2, intdiv(1 << 27, $bytes));
        $copy = function (int $count) use ($text, $bytes): void {
            for ($i = 0; $i < $count; $i++) {
                $copy = substr($text, 1);
            }
        };
        $name = $bytes >= 1 << 20 ? ($bytes >> 20) . ' MB' : ($bytes >> 10) . ' KB';
        echo row("memory copied, $name at once", $bytes / each_ns($count, $copy), 'GB/s');
    }
}

/** A server of its own process: reads requests of so many bytes, appends them to a file, answers. */
function serve(int $bytes, ?string $file): void
{
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    echo stream_socket_get_name($listener, false), "\n";
    $socket = stream_socket_accept($listener);
    stream_set_read_buffer($socket, 0);
    stream_set_chunk_size($socket, max(8192, $bytes));
    $socket = no_delay($socket);
    $log = $file === null ? null : fopen($file, 'w');
    if ($log) {
        stream_set_chunk_size($log, max(8192, $bytes));
        stream_set_write_buffer($log, 0);
    }
    $answer = str_repeat('a', $bytes === 1 ? 1 : ANSWER_BYTES);
    for (;;) {
        for ($left = $bytes; $left > 0; $left -= strlen($read)) {
            $read = fread($socket, $left);
            if ($read === '' || $read === false) {
                return;
            }
            if ($log) {
                fwrite($log, $read);
            }
        }
        // A stream is not answered but at its end.
        if ($bytes < 1 << 20) {
            fwrite($socket, $answer);
        }
    }
}

/** @param resource $socket */
function no_delay($socket)
{
    if (function_exists('socket_import_stream')) {
        socket_set_option(socket_import_stream($socket), SOL_TCP, TCP_NODELAY, 1);
    }
    return $socket;
}

/** Starts a server; returns its process, its pid and a connection to it. */
function server(int $bytes, ?string $file = null): array
{
    $command = array_filter([PHP_BINARY, '-n', __FILE__, 'serve', (string) $bytes, $file], fn ($word) => $word !== null);
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    $socket = stream_socket_client('tcp://' . trim((string) fgets($pipes[1])));
    stream_set_read_buffer($socket, 0);
    return [$process, proc_get_status($process)['pid'], no_delay($socket)];
}

/** Seconds of CPU that a process has taken. */
function cpu_of(int $pid): float
{
    $words = explode(' ', substr(strrchr((string) file_get_contents("/proc/$pid/stat"), ')'), 2));
    return ($words[11] + $words[12]) / 100;
}

/** Seconds of CPU that this process has taken. */
function own_cpu(): float
{
    $usage = getrusage();
    return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
}

function round_trip(): float
{
    [$process, , $socket] = server(1);
    $micros = [];
    for ($i = 0; $i < 5000; $i++) {
        $begin = hrtime(true);
        fwrite($socket, 'x');
        fread($socket, 1);
        $micros[] = (hrtime(true) - $begin) / 1000;
    }
    fclose($socket);
    proc_close($process);
    return median($micros);
}

/** Microseconds of CPU for a request, and requests a second. */
function requests(?string $file): array
{
    $path = $file === null ? null : tempnam(sys_get_temp_dir(), 'floor');
    [$process, $pid, $socket] = server(REQUEST_BYTES, $path);
    $request = str_repeat('x', REQUEST_BYTES);
    $send = function (int $count) use ($socket, $request): void {
        for ($sent = $answered = 0; $answered < $count * ANSWER_BYTES;) {
            if ($sent < $count && $sent - intdiv($answered, ANSWER_BYTES) < 5) {
                fwrite($socket, $request);
                $sent++;
            } else {
                $answered += strlen(fread($socket, 8192));
            }
        }
    };
    $send(2000);
    $before = cpu_of($pid);
    $begin = hrtime(true);
    $send(20_000);
    $seconds = (hrtime(true) - $begin) / 1e9;
    $cpu = cpu_of($pid) - $before;
    fclose($socket);
    proc_close($process);
    if ($path !== null) {
        unlink($path);
    }
    return [$cpu / 20_000 * 1e6, 20_000 / $seconds];
}

/** Nanoseconds of CPU for a KB, of the sender and of the receiver. */
function stream(): array
{
    [$process, $pid, $socket] = server(1 << 20);
    $piece = str_repeat('x', 1 << 20);
    fwrite($socket, $piece);
    $before = [own_cpu(), cpu_of($pid)];
    for ($i = 0; $i < 1000; $i++) {
        fwrite($socket, $piece);
    }
    $sent = own_cpu() - $before[0];
    usleep(100_000);
    $received = cpu_of($pid) - $before[1];
    fclose($socket);
    proc_close($process);
    return array_map(fn (float $seconds): float => $seconds * 1e9 / (1000 * 1024), [$sent, $received]);
}
