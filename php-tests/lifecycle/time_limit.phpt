--TEST--
The time limit of the script ends a long wait
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
// the engine counts the script's own time, which a wait does not use: its alarm is sent from outside
$script = <<<'PHP'
set_time_limit(30);
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$conf->set('log_level', '0');
$conf->set('group.id', 'g');
$producer = new RdKafka\Producer($conf);
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->assign([new RdKafka\TopicPartition('none', 0)]);
$parent = getmypid();
if (pcntl_fork() === 0) {
    usleep(300000);
    posix_kill($parent, (int) $argv[3]);
    posix_kill(getmypid(), SIGKILL);
}
$started = microtime(true);
register_shutdown_function(function () use ($started): void {
    echo microtime(true) - $started < 1 ? 'at once' : 'late', "\n";
});
match ($argv[2]) {
    'consume' => $consumer->consume(60000),
    'poll' => $producer->poll(60000),
    'flush' => [$producer->newTopic('none')->produce(0, 0, 'x'), $producer->flush(60000)],
    'getMetadata' => $producer->getMetadata(true, null, 60000),
};
echo "not reached\n";
PHP;
// thread-safe builds have a timer of their own (SIGRTMIN), others use SIGPROF
$alarm = PHP_ZTS ? 34 : SIGPROF;
foreach (['consume', 'poll', 'flush', 'getMetadata'] as $wait) {
    $output = test_run_script($script, ['127.0.0.1:1', $wait, (string) $alarm]);
    preg_match_all('/Maximum execution time of 30 seconds exceeded|at once|late|not reached/', $output, $found);
    echo $wait, ': ', implode(', ', array_unique($found[0])), "\n";
}
--EXPECT--
consume: Maximum execution time of 30 seconds exceeded, at once
poll: Maximum execution time of 30 seconds exceeded, at once
flush: Maximum execution time of 30 seconds exceeded, at once
getMetadata: Maximum execution time of 30 seconds exceeded, at once
