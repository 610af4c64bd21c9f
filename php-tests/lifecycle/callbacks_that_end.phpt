--TEST--
Every callback may end the script, in every way
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
require $argv[1];
putenv("RDKAFKA_TEST_BROKERS=$argv[2]");
[, , , $topic, $callback, $ending] = $argv;
ini_set('display_errors', 'stdout');
ini_set('rdkafka.shutdown_flush_ms', $callback === 'error' ? '200' : '10000');
ini_set('html_errors', '0');
register_shutdown_function(function (): void {
    echo "shutdown\n";
});
class Last
{
    public function __destruct()
    {
        echo "destructed\n";
    }
}
$end = function (mixed ...$arguments) use ($ending): void {
    static $calls = 0;
    $held = new Last();
    $calls++ === 0 and print("called\n");
    match ($ending) {
        'exit' => exit(3),
        'exception' => throw new DomainException('thrown'),
        'error' => trigger_error('ended', E_USER_ERROR),
        'memory' => str_repeat('x', 1 << 30),
    };
};
$conf = test_conf(['group.id' => test_name(), 'auto.offset.reset' => 'earliest', 'statistics.interval.ms' => '20']);
match ($callback) {
    'report' => $conf->setDrMsgCb($end),
    'error' => [$conf->setErrorCb($end), $conf->set('bootstrap.servers', '127.0.0.1:1')],
    'log' => [$conf->setLogCb($end), $conf->set('log_level', '7'), $conf->set('debug', 'all'), $conf->set('log.queue', 'true')],
    'stats' => $conf->setStatsCb($end),
    'rebalance' => $conf->setRebalanceCb($end),
    'commit' => $conf->setOffsetCommitCb($end),
    'consume' => null,
    'partitions' => $conf->setRebalanceCb(function ($consumer, $error, $partitions) use ($end): void {
        $consumer->assign($error === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? $partitions : null);
        $error === RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS and $end();
    }),
};
if (in_array($callback, ['report', 'error', 'log', 'stats'], true)) {
    $client = new RdKafka\Producer($conf);
    $client->newTopic($topic)->produce(0, 0, 'x');
    for ($i = 0; $i < 200; $i++) {
        $client->poll(50);
    }
} elseif ($callback === 'consume') {
    $client = new RdKafka\Consumer($conf);
    $handle = $client->newTopic($topic);
    $handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
    $handle->consumeCallback(0, 5000, $end);
} else {
    $client = new RdKafka\KafkaConsumer($conf);
    $client->subscribe([$topic]);
    test_next($client);
    if ($callback === 'commit') {
        $client->commit();
    }
    $client->close();
}
echo "not reached\n";
PHP;
$topic = test_topic();
test_produce($topic, ['x']);
foreach (['report', 'error', 'log', 'stats', 'rebalance', 'partitions', 'commit', 'consume'] as $callback) {
    foreach (['exit', 'exception', 'error', 'memory'] as $ending) {
        $output = test_run_script($script, [__DIR__ . '/../_harness.php', test_brokers(), $topic, $callback, $ending]);
        preg_match_all('/^called|^shutdown|^destructed|not reached|thrown in|ended in|exhausted|Segmentation|signal|leak|could not be delivered/m', $output, $found);
        echo $callback, ' ', $ending, ': ', implode(', ', array_unique($found[0])), "\n";
    }
}
--EXPECT--
report exit: called, destructed, shutdown
report exception: called, destructed, thrown in, shutdown
report error: called, ended in, shutdown
report memory: called, exhausted, shutdown
error exit: called, destructed, shutdown, could not be delivered
error exception: called, destructed, thrown in, shutdown, could not be delivered
error error: called, ended in, shutdown, could not be delivered
error memory: called, exhausted, shutdown, could not be delivered
log exit: called, destructed, shutdown
log exception: called, destructed, thrown in, shutdown
log error: called, ended in, shutdown
log memory: called, exhausted, shutdown
stats exit: called, destructed, shutdown
stats exception: called, destructed, thrown in, shutdown
stats error: called, ended in, shutdown
stats memory: called, exhausted, shutdown
rebalance exit: called, destructed, shutdown
rebalance exception: called, destructed, thrown in, shutdown
rebalance error: called, ended in, shutdown
rebalance memory: called, exhausted, shutdown
partitions exit: called, destructed, shutdown
partitions exception: called, destructed, thrown in, shutdown
partitions error: called, ended in, shutdown
partitions memory: called, exhausted, shutdown
commit exit: called, destructed, shutdown
commit exception: called, destructed, thrown in, shutdown
commit error: called, ended in, shutdown
commit memory: called, exhausted, shutdown
consume exit: called, destructed, shutdown
consume exception: called, destructed, thrown in, shutdown
consume error: called, ended in, shutdown
consume memory: called, exhausted, shutdown
