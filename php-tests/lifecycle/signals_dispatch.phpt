--TEST--
pcntl_signal_dispatch(): a signal ends a long wait at once, so that the loop around it can ask
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$handled = null;
pcntl_signal(SIGTERM, function () use (&$handled): void {
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
$name = test_topic();
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($name, 0, 0)]);
$legacy = new RdKafka\Consumer(test_conf());
$handle = $legacy->newTopic($name);
$handle->consumeStart(0, 0);
$queued = new RdKafka\Consumer(test_conf());
$queue = $queued->newQueue();
$queued->newTopic($name)->consumeQueueStart(0, 0, $queue);
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1', 'message.timeout.ms' => 100000]);
$producer->newTopic('nowhere')->produce(0, 0, 'x');
$waits = [
    'consume' => fn () => $consumer->consume(60000)->err,
    'legacy consume' => fn () => $handle->consume(0, 60000)?->err,
    'queue' => fn () => $queue->consume(60000)?->err,
    'poll' => fn () => test_producer(['log_level' => '0'])->poll(60000),
    // goes on: its result would say that messages are left
    'flush' => fn () => $producer->flush(600),
];
foreach ($waits as $name => $wait) {
    $handled = null;
    $pid = later(SIGTERM);
    $started = microtime(true);
    $result = $wait();
    $ended = microtime(true);
    pcntl_signal_dispatch();
    // half of the time it may wait: 60 s, and 600 ms
    $is_early = $ended - $started < ($name === 'flush' ? 0.3 : 30);
    echo $name, ': ', json_encode($result), $is_early ? ', early' : ', not early', $handled === null ? ', not handled' : '', "\n";
    pcntl_waitpid($pid, $status);
}
$producer->purge(RD_KAFKA_PURGE_F_QUEUE);
--EXPECT--
consume: -185, early
legacy consume: null, early
queue: null, early
poll: 0, early
flush: -185, not early
