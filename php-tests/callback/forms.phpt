--TEST--
A callback may be anything callable
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Listener
{
    public function method($producer, $m): void
    {
        echo "method $m->payload\n";
    }

    public static function statically($producer, $m): void
    {
        echo "static $m->payload\n";
    }

    public function __invoke($producer, $m): void
    {
        echo "invoked $m->payload\n";
    }
}
function listener($producer, $m): void
{
    echo "function $m->payload\n";
}
$topic = test_topic();
$listener = new Listener();
foreach ([[$listener, 'method'], 'Listener::statically', ['Listener', 'statically'], $listener, 'listener', listener(...), $listener->method(...), fn ($p, $m) => print("closure $m->payload\n")] as $i => $callback) {
    $conf = test_conf();
    $conf->setDrMsgCb($callback);
    $producer = new RdKafka\Producer($conf);
    $producer->newTopic($topic)->produce(0, 0, "$i");
    $producer->flush(10000);
}
?>
--EXPECT--
method 0
static 1
static 2
invoked 3
function 4
function 5
method 6
closure 7
