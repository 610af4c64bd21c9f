--TEST--
Programs that are started while clients are open inherit none of their files and no blocked signal
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$list = 'for f in /proc/self/fd/*; do readlink $f; done; grep SigBlk /proc/self/status';
$look = fn (): string => preg_replace('/pipe:.*|\/proc\/\d+\/fd/', '', (string) shell_exec($list));
$open = function () use ($list): string {
    $process = proc_open(['sh', '-c', $list], [1 => ['pipe', 'w']], $pipes);
    $output = stream_get_contents($pipes[1]);
    proc_close($process);
    return preg_replace('/pipe:.*|\/proc\/\d+\/fd/', '', $output);
};
$before = [$look(), $open()];
$name = test_topic();
$producer = test_producer();
$producer->newTopic($name)->produce(0, 0, 'x');
$producer->flush(10000);
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($name, 0, 0)]);
test_consume($consumer, 1);
$after = [$look(), $open()];
echo $before === $after ? "the same\n" : print_r([$before, $after], true);
--EXPECT--
the same
