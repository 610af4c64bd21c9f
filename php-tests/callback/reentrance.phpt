--TEST--
A callback may use the producer that runs it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$name = test_name();
$seen = [];
$conf->setDrMsgCb(function (RdKafka\Producer $kafka, $message) use (&$seen, $name): void {
    $seen[] = $message->payload;
    if (strlen($message->payload) < 4) {
        $kafka->newTopic($name)->produce(0, 0, $message->payload . 'x');
        $kafka->poll(0);
    }
});
$producer = new RdKafka\Producer($conf);
$producer->newTopic($name)->produce(0, 0, 'x');
while ($producer->getOutQLen() > 0) {
    $producer->poll(100);
}
echo implode(' ', $seen), "\n";
--EXPECT--
x xx xxx xxxx
