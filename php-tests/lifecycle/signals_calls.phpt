--TEST--
Signals during calls that ask a broker: the handler runs at once, the call goes on; dispositions stay
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/../_harness.php';
/** What the process does on each signal, as the kernel sees it; 32 and 33 are the C library's own. */
function dispositions(): array
{
    preg_match_all('/^Sig(?:Blk|Ign|Cgt):\s+(\w+)$/m', file_get_contents('/proc/self/status'), $lines);
    return array_map(fn (string $mask): int => hexdec($mask) & ~(0b11 << 31), $lines[1]);
}
pcntl_async_signals(true);
$handled = null;
$handler = function () use (&$handled): void {
    $handled = microtime(true);
};
pcntl_signal(SIGTERM, $handler);
$before = dispositions();
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1', 'group.id' => 'g']);
$producer = new RdKafka\Producer($conf);
$consumer = new RdKafka\KafkaConsumer($conf);
$low = $high = 0;
$calls = [
    'getMetadata' => fn () => $producer->getMetadata(true, null, 1500),
    'queryWatermarkOffsets' => fn () => $producer->queryWatermarkOffsets('t', 0, $low, $high, 1500),
    'offsetsForTimes' => fn () => $producer->offsetsForTimes([new RdKafka\TopicPartition('t', 0, 1)], 1500),
    'getCommittedOffsets' => fn () => $consumer->getCommittedOffsets([new RdKafka\TopicPartition('t', 0)], 1500),
    'getControllerId' => fn () => $producer->getControllerId(1500),
    'initTransactions' => fn () => (new RdKafka\Producer(test_conf(
        ['bootstrap.servers' => '127.0.0.1:1', 'transactional.id' => 'x']
    )))->initTransactions(1500),
];
foreach ($calls as $name => $call) {
    $handled = null;
    $parent = getmypid();
    [$ours, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $pid = pcntl_fork();
    if ($pid === 0) {
        usleep(300000);
        fwrite($theirs, (string) microtime(true));
        posix_kill($parent, SIGTERM);
        posix_kill(getmypid(), SIGKILL);
    }
    $started = microtime(true);
    try {
        $call();
    } catch (RdKafka\Exception) {
    }
    $ended = microtime(true);
    pcntl_waitpid($pid, $status);
    $sent = (float) fread($ours, 64);
    echo $name, ': ', $handled === null ? 'not handled' : ($handled - $sent < 0.5 ? 'handled at once' : 'handled late'),
        $ended - $started > 1 ? ', went on' : ', ended', "\n";
}
var_dump(dispositions() === $before, pcntl_signal_get_handler(SIGTERM) === $handler);
unset($producer, $consumer);
var_dump(dispositions() === $before);
--EXPECT--
getMetadata: handled at once, went on
queryWatermarkOffsets: handled at once, went on
offsetsForTimes: handled at once, went on
getCommittedOffsets: handled at once, went on
getControllerId: handled at once, went on
initTransactions: handled at once, went on
bool(true)
bool(true)
bool(true)
