<?php
/** A progress bar on a terminal; nothing anywhere else. */

declare(strict_types=1);

final class Progress
{
    private bool $shown;
    private float $next = 0.0;

    public function __construct(private int $total)
    {
        $this->shown = stream_isatty(STDERR);
    }

    public function show(int $sent, int $received): void
    {
        $now = microtime(true);
        if (!$this->shown || $now < $this->next) {
            return;
        }
        $this->next = $now + 0.1;
        $bar = fn (int $n): string => str_pad(str_repeat('#', intdiv(24 * $n, max(1, $this->total))), 24, '.');
        fprintf(STDERR, "\r  sent [%s] %3d%%  received [%s] %3d%%",
            $bar($sent), 100 * $sent / $this->total, $bar($received), 100 * $received / $this->total);
    }

    public function clear(): void
    {
        if ($this->shown) {
            fwrite(STDERR, "\r\033[K");
        }
    }
}
