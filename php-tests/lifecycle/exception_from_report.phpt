--TEST--
An exception from a delivery report leaves poll() or flush(); the rest is reported later
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$seen = [];
$conf->setDrMsgCb(function ($kafka, $message) use (&$seen): void {
    $seen[] = $message->payload;
    if ($message->payload === '2') {
        throw new DomainException('thrown for ' . $message->payload);
    }
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(test_name());
for ($i = 0; $i < 5; $i++) {
    $topic->produce(0, 0, (string) $i);
}
try {
    while ($producer->getOutQLen() > 0) {
        $producer->poll(100);
    }
    echo "nothing thrown\n";
} catch (DomainException $e) {
    echo get_class($e), ': ', $e->getMessage(), ' from ', $e->getTrace()[1]['function'], "\n";
}
$producer->flush(10000);
echo implode(' ', $seen), "\n";
var_dump($producer->getOutQLen());
--EXPECT--
DomainException: thrown for 2 from poll
0 1 2 3 4
int(0)
