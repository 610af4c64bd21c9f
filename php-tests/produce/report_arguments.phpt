--TEST--
A delivery report names the producer and the message
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$conf = test_conf();
$conf->setDrMsgCb(function (...$arguments) use (&$producer): void {
    var_dump(count($arguments), $arguments[0] === $producer, $arguments[1]::class);
});
$producer = new RdKafka\Producer($conf);
$producer->newTopic($topic)->produce(0, 0, 'x');
$producer->flush(10000);
?>
--EXPECT--
int(2)
bool(true)
string(15) "RdKafka\Message"
