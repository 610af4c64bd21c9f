--TEST--
A signal ends consume() early and runs its handler at once; flush() and queries go on after it
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/../_harness.php';
pcntl_async_signals(true);
$handled = null;
pcntl_signal(SIGUSR1, function () use (&$handled): void {
    $handled = microtime(true);
});
/** Sends this process a signal, a little later. */
function later(int $signal): int
{
    $parent = getmypid();
    $pid = pcntl_fork();
    if ($pid === 0) {
        usleep(200000);
        posix_kill($parent, $signal);
        posix_kill(getmypid(), SIGKILL);
    }
    return $pid;
}
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition(test_topic(), 0, 0)]);
$legacy = new RdKafka\Consumer(test_conf());
$handle = $legacy->newTopic(test_topic());
$handle->consumeStart(0, 0);
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1']);
$producer->newTopic('nowhere')->produce(0, 0, 'x');
$waits = [
    'consume' => fn () => $consumer->consume(30000)->err,
    'legacy consume' => fn () => $handle->consume(0, 30000)?->err,
    'poll' => fn () => test_producer(['log_level' => '0'])->poll(30000),
    'flush' => fn () => $producer->flush(700),
];
foreach ($waits as $name => $wait) {
    $handled = null;
    $pid = later(SIGUSR1);
    $started = microtime(true);
    $result = $wait();
    $ended = microtime(true);
    pcntl_waitpid($pid, $status);
    echo $name, ': ', json_encode($result), $handled - $started < 0.4 ? ', handled at once' : ', handled late',
        $ended - $started < 0.4 ? ', returned early' : '', $ended - $started > 5 ? ', too late' : '', "\n";
}
pcntl_signal(SIGUSR1, function (): void {
    throw new RuntimeException('from the handler');
});
foreach (['consume', 'flush'] as $name) {
    $pid = later(SIGUSR1);
    $started = microtime(true);
    try {
        $waits[$name]();
        echo "nothing thrown\n";
    } catch (RuntimeException $e) {
        echo $name, ': ', $e->getMessage(), microtime(true) - $started < 0.5 ? '' : ', late', "\n";
    }
    pcntl_waitpid($pid, $status);
}
$producer->purge(RD_KAFKA_PURGE_F_QUEUE);
--EXPECT--
consume: -185, handled at once, returned early
legacy consume: null, handled at once, returned early
poll: 0, handled at once, returned early
flush: -185, handled at once
consume: from the handler
flush: from the handler
