--TEST--
Clients, topics and queues inside cycles of objects are collected
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Counted
{
    public static int $alive = 0;
    public array $held = [];

    public function __construct()
    {
        self::$alive++;
    }

    public function __destruct()
    {
        self::$alive--;
    }
}
$make = [
    function (): void {
        $object = new Counted();
        $conf = test_conf();
        $conf->setDrMsgCb(function () use ($object): void {
        });
        $producer = new RdKafka\Producer($conf);
        $object->held = [$producer, $producer->newTopic('x')];
    },
    function (): void {
        $object = new Counted();
        $conf = test_conf();
        $conf->setErrorCb(function () use ($object): void {
        });
        $consumer = new RdKafka\Consumer($conf);
        $object->held = [$consumer, $consumer->newTopic('x'), $consumer->newQueue()];
    },
    function (): void {
        $object = new Counted();
        $conf = test_conf(['group.id' => test_name()]);
        $conf->setRebalanceCb(function () use ($object): void {
        });
        $object->held = [new RdKafka\KafkaConsumer($conf)];
    },
];
foreach ($make as $kind) {
    for ($i = 0; $i < 20; $i++) {
        $kind();
    }
    gc_collect_cycles();
    var_dump(Counted::$alive);
}
--EXPECT--
int(0)
int(0)
int(0)
