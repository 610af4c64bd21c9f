--TEST--
An error handler that throws, ends or produces at the warning about lost messages
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
ini_set('rdkafka.shutdown_flush_ms', '100');
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', '127.0.0.1:1');
$conf->set('log_level', '0');
$producer = new RdKafka\Producer($conf);
$one = $producer->newTopic('one');
$one->produce(0, 0, 'x');
$producer->newTopic('two')->produce(0, 0, 'x');
set_error_handler(function (int $level, string $message) use ($argv, $one): bool {
    echo substr($message, 0, 34), "\n";
    match ($argv[1]) {
        'throw' => throw new DomainException('thrown'),
        'exit' => exit(5),
        'error' => trigger_error('ended', E_USER_ERROR),
        'produce' => $one->produce(0, 0, 'too late'),
        'return' => null,
    };
    return true;
});
PHP;
foreach (['return', 'throw', 'exit', 'error', 'produce'] as $what) {
    $output = test_run_script($script, [$what]);
    preg_match_all('/^rdkafka: .*$|thrown|ended|Segmentation|signal/m', $output, $found);
    echo $what, ': ', implode(', ', $found[0]), "\n";
}
--EXPECT--
return: rdkafka: 1 message for topic "one", rdkafka: 1 message for topic "two"
throw: rdkafka: 1 message for topic "one", thrown, thrown
exit: rdkafka: 1 message for topic "one"
error: rdkafka: 1 message for topic "one", ended
produce: rdkafka: 1 message for topic "one", rdkafka: 1 message for topic "two"
