--TEST--
Fibers: waits and callbacks inside them, suspended and never resumed
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$conf = test_conf();
$conf->setDrMsgCb(function ($producer, RdKafka\Message $message): void {
    Fiber::getCurrent() === null ? print("report $message->payload in main\n") : Fiber::suspend("report $message->payload");
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($name);
foreach (['a', 'b', 'c'] as $payload) {
    $topic->produce(0, 0, $payload);
}
$flush = new Fiber(fn () => 'flush ' . $producer->flush(10000));
echo $flush->start(), "\n";
// what is left may be served elsewhere meanwhile
$producer->flush(10000);
$flush->resume();
while (!$flush->isTerminated()) {
    $flush->resume();
}
echo $flush->getReturn(), "\n";

$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($name, 0, 0)]);
$consume = new Fiber(function () use ($consumer): void {
    while (true) {
        Fiber::suspend($consumer->consume(10000)->payload);
    }
});
echo $consume->start(), $consume->resume(), "\n";
echo $consumer->consume(10000)->payload, " outside\n";

// thrown into a callback
$topic->produce(0, 0, 'd');
$flush = new Fiber(fn () => $producer->flush(10000));
echo $flush->start(), "\n";
try {
    $flush->throw(new DomainException('thrown in'));
} catch (DomainException $e) {
    echo $e->getMessage(), "\n";
}

// destroyed inside a callback
$topic->produce(0, 0, 'e');
$flush = new Fiber(function () use ($producer): void {
    try {
        $producer->flush(10000);
    } finally {
        echo "unwound\n";
    }
});
echo $flush->start(), "\n";
unset($flush);
gc_collect_cycles();
var_dump($producer->flush(10000));

// suspended inside a callback when the script ends
$topic->produce(0, 0, 'f');
(new Fiber(function () use ($producer): void {
    $producer->flush(10000);
}))->start();
echo "end\n";
--EXPECT--
report a
flush 0
ab
c outside
report d
thrown in
report e
unwound
int(0)
end
