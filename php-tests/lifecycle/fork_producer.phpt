--TEST--
A forked child neither hangs nor sends what its parent queued, and can make a producer of its own
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$producer = test_producer(['linger.ms' => 500]);
$topic = $producer->newTopic($name);
$topic->produce(0, 0, 'from the parent');
for ($child = 0; $child < 3; $child++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        if ($child === 1) {
            $own = test_producer();
            $own->newTopic($name)->produce(0, 0, 'from a child');
            $own->flush(10000);
        }
        if ($child === 2) {
            unset($topic, $producer);
        }
        exit($child);
    }
    $started = microtime(true);
    pcntl_waitpid($pid, $status);
    echo "child $child: exit ", pcntl_wexitstatus($status), microtime(true) - $started < 5 ? '' : ', slow', "\n";
}
var_dump($producer->flush(10000));
$payloads = array_map(fn ($message) => $message->payload, test_messages($name, 2));
sort($payloads);
echo implode("\n", $payloads), "\n";
--EXPECT--
child 0: exit 0
child 1: exit 1
child 2: exit 2
int(0)
from a child
from the parent
