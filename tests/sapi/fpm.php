<?php
/** php-fpm: request ends, an unreachable broker, reload and stop, preloading, a worker's long life. */

declare(strict_types=1);

/** A pool of its own; its log holds what workers write to standard error. */
final class Fpm
{
    public readonly string $address;
    public readonly Process $master;

    /** @param array<string, string|int> $settings of php.ini */
    public function __construct(string $work, int $children, array $settings = [])
    {
        $name = "$work/fpm-" . bin2hex(random_bytes(4));
        $this->address = "unix://$name.sock";
        $log = "$name.log";
        file_put_contents("$name.conf", <<<CONF
            [global]
            error_log = $log
            process_control_timeout = 10s
            [www]
            listen = $name.sock
            pm = static
            pm.max_children = $children
            catch_workers_output = yes
            decorate_workers_output = no
            CONF);
        // -F: in the foreground; -R: as root, where the tests run as root
        $root = posix_geteuid() === 0 ? ['-R'] : [];
        $command = [getenv('PHP_FPM'), ...settings($settings), '-F', ...$root, '-y', "$name.conf"];
        $this->master = Process::start($command, $log);
        until(fn () => str_contains($this->master->output(), 'ready to handle connections'))
            || throw new RuntimeException($this->master->output());
    }

    /** @return list<int> the workers' process ids */
    public function workers(): array
    {
        $children = file_get_contents("/proc/{$this->master->pid}/task/{$this->master->pid}/children");
        return array_map(intval(...), explode(' ', trim($children)));
    }

    public function get(string $page, array $query = []): string
    {
        return FastCgi::get($this->address, PAGES . "/$page.php", $query);
    }

    public function start(string $page, array $query = []): FastCgi
    {
        return FastCgi::start($this->address, PAGES . "/$page.php", $query);
    }

    /** What workers wrote themselves: the log without php-fpm's own lines. */
    public function emissions(): string
    {
        return implode("\n", preg_grep('/^\[.*\] (NOTICE|WARNING|DEBUG|ALERT|ERROR): |^$/', explode("\n", $this->master->output()), PREG_GREP_INVERT));
    }
}

/** Requests that run at the same time; the seconds each took. */
function seconds(array $requests): array
{
    FastCgi::finish($requests);
    return array_map(fn (FastCgi $request) => $request->seconds(), $requests);
}

$to = fn (string $topic, array $more = []) => $more + ['brokers' => BROKERS, 'topic' => $topic, 'payload' => 'x'];
$lost = fn (array $more = []) => $more + ['brokers' => NOWHERE, 'topic' => 'lost', 'payload' => 'x'];

// -- the end of a request
$fpm = new Fpm($work, 2);
same('fpm: a page that does not flush answers', 'produced', $fpm->get('produce', $to('fpm-end')));
same('fpm: its message arrives', ['x 0'], payloads('fpm-end', 1));
$fpm->get('produce', $to('fpm-many', ['count' => 10000]));
same('fpm: so do ten thousand', 10000, count(payloads('fpm-many', 10000)));
$fpm->get('produce', $to('fpm-kept', ['keep' => 1]));
same('fpm: and those of a producer in a static property', ['x 0'], payloads('fpm-kept', 1));
$fpm->get('produce', $to('fpm-finish', ['finish' => 1]));
same('fpm: and those of a page that ended its response itself', ['x 0'], payloads('fpm-finish', 1));
same('fpm: a page consumes', 'consumed 10', $fpm->get('consume', ['brokers' => BROKERS, 'topic' => 'fpm-many', 'ms' => 10000, 'count' => 10]));
same('fpm: workers write nothing to standard error', '', $fpm->emissions());

// -- reload and stop while a client is open
$workers = $fpm->workers();
$open = $fpm->start('consume', ['brokers' => BROKERS, 'topic' => 'fpm-end', 'ms' => 1500]);
usleep(300_000);
posix_kill($fpm->master->pid, SIGUSR2);
FastCgi::finish([$open]);
same('fpm: a reload lets a waiting page finish', 'consumed 1', $open->body());
check('fpm: a reload replaces the workers', until(fn () => count($fpm->workers()) === 2 && !array_intersect($fpm->workers(), $workers)), $fpm->master->output());
same('fpm: the new workers produce', 'produced', $fpm->get('produce', $to('fpm-reloaded')));
$open = $fpm->start('consume', ['brokers' => BROKERS, 'topic' => 'fpm-end', 'ms' => 1500]);
usleep(300_000);
posix_kill($fpm->master->pid, SIGQUIT);
FastCgi::finish([$open]);
same('fpm: a graceful stop lets a waiting page finish', 'consumed 1', $open->body());
at_most('fpm: and ends the pool', 2, $fpm->master->stop(SIGQUIT));
same('fpm: reload and stop write nothing to standard error', '', $fpm->emissions());

// -- a broker that cannot be reached
$fpm = new Fpm($work, 5, ['rdkafka.shutdown_flush_ms' => 500, 'rdkafka.finish_request' => 0]);
$times = seconds(array_map(fn () => $fpm->start('produce', $lost()), range(1, 20)));
at_most('fpm: 20 requests of 5 workers end within the bound each, without a broker', 4 * 0.5 + 1.5, max($times));
at_most('fpm: the first five within one bound', 0.5 + 0.5, array_values(array_slice(sorted($times), 4, 1))[0]);
at_most('fpm: the 21st is served at once', 0.3, seconds([$fpm->start('hello')])[0]);
$warnings = preg_match_all('/PHP Warning:  rdkafka: 1 message for topic "lost" could not be delivered/', $fpm->emissions());
same('fpm: what was lost is in the error log, once per request', 20, $warnings);
same('fpm: and nothing else is', 20, count(explode("\n", trim($fpm->emissions()))));
$fpm->master->stop(SIGQUIT);

$fpm = new Fpm($work, 5, ['rdkafka.shutdown_flush_ms' => 1000, 'session.save_path' => $work]);
at_most('fpm: the response does not wait for the broker', 0.5, seconds([$fpm->start('produce', $lost())])[0]);
at_most('fpm: nor when the page ended it itself', 0.5, seconds([$fpm->start('produce', $lost(['finish' => 1]))])[0]);
$open = $fpm->start('produce', $lost(['session' => 1]));
at_most('fpm: nor when it has a session', 0.5, seconds([$open])[0]);
check('fpm: whose data was written before', str_starts_with($open->body(), 'produced 1 ')
    && str_contains((string) file_get_contents("$work/sess_" . explode(' ', $open->body())[2]), 'visits|i:1'), $open->body());
$fpm->master->stop(SIGQUIT);

$fpm = new Fpm($work, 1, ['rdkafka.shutdown_flush_ms' => 200, 'rdkafka.log_stderr' => 'on']);
$fpm->get('produce', $lost());
check('fpm: log lines go to standard error when asked for', until(fn () => str_contains($fpm->emissions(), '|FAIL|')), $fpm->emissions());
$fpm->master->stop(SIGQUIT);

// -- opcache and preloading
$preload = ['zend_extension' => 'opcache', 'opcache.enable' => 1, 'opcache.preload' => PAGES . '/preload.php',
    'opcache.preload_user' => 'root', 'rdkafka.shutdown_flush_ms' => 2000];
$fpm = new Fpm($work, 2, $preload);
same('fpm: preloaded classes that use the extension work', 'preloaded', $fpm->get('preloaded', $to('fpm-preload')));
same('fpm: their messages arrive', ['x'], payloads('fpm-preload', 1));
at_most('fpm: a pool with preloading stops', 3, $fpm->master->stop(SIGQUIT));

// -- the long life of a worker
$fpm = new Fpm($work, 1);
$worker = $fpm->workers()[0];
foreach (range(1, 1000) as $number) {
    $fpm->get('produce', $to('fpm-long', ['count' => 10]));
    if ($number === 200) {
        usleep(200_000);
        $before = resources($worker);
    }
}
same('fpm: one worker served a thousand requests', [$worker], $fpm->workers());
same('fpm: every message of them arrived', 10000, count(payloads('fpm-long', 10000)));
// the last connections close a moment after their request
check('fpm: no thread and no file more', until(function () use ($worker, $before, &$after): bool {
    $after = resources($worker);
    return $after['threads'] <= $before['threads'] && $after['files'] <= $before['files'];
}), [$before, $after]);
at_most('fpm: memory stays flat (kB)', 1500, $after['rss'] - $before['rss']);
$fpm->master->stop(SIGQUIT);

function sorted(array $values): array
{
    sort($values);
    return $values;
}
