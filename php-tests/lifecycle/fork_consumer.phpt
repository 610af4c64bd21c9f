--TEST--
A forked child leaves its parent's consumer alone and can make one of its own
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
test_produce($name, ['a', 'b']);
$consumer = test_consumer();
$consumer->subscribe([$name]);
echo test_consume($consumer, 1)[0]->payload, "\n";
foreach (['exit', 'unset', 'close', 'consume', 'own'] as $what) {
    $started = microtime(true);
    $pid = pcntl_fork();
    if ($pid === 0) {
        switch ($what) {
            case 'unset':
                unset($consumer);
                break;
            case 'close':
                $consumer->close();
                break;
            case 'consume':
                test_try(fn () => $consumer->consume(60000));
                break;
            case 'own':
                $own = test_consumer();
                $own->subscribe([$name]);
                echo test_consume($own, 1)[0]->payload, "\n";
                $own->close();
                break;
        }
        exit(3);
    }
    pcntl_waitpid($pid, $status);
    echo $what, ': ', pcntl_wexitstatus($status), microtime(true) - $started < 5 ? '' : ', slow', "\n";
}
echo test_consume($consumer, 1)[0]->payload, "\n";
$consumer->close();
--EXPECT--
a
exit: 3
unset: 3
close: 3
RdKafka\Exception(-197): Local: Broker handle destroyed for termination
consume: 3
a
own: 3
b
