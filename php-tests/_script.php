<?php
/** Runs PHP code in a process of its own, with the extension that is under test. */

declare(strict_types=1);

/**
 * @param list<string> $arguments what the code finds in $argv, from 1 on
 * @return string what it wrote to standard output and standard error
 */
function test_run_script(string $code, array $arguments = []): string
{
    $file = tempnam(sys_get_temp_dir(), 'rdkafka-script');
    file_put_contents($file, "<?php\n$code");
    $command = escapeshellarg(PHP_BINARY) . ' ' . getenv('TEST_PHP_EXTRA_ARGS')
        . ' ' . implode(' ', array_map(escapeshellarg(...), [$file, ...$arguments])) . ' 2>&1';
    $output = (string) shell_exec($command);
    unlink($file);
    return str_replace($file, 'script', $output);
}
