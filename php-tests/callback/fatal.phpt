--TEST--
A fatal error inside a callback ends the script cleanly
--INI--
memory_limit=8M
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$conf->setDrMsgCb(function ($kafka, $message): void {
    echo "report: $message->payload\n";
    str_repeat('x', 100 << 20);
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(test_name());
$topic->produce(0, 0, 'first');
$topic->produce(0, 0, 'second');
$producer->flush(10000);
echo "not reached\n";
--EXPECTF--
report: first

Fatal error: Allowed memory size of 8388608 bytes exhausted%s
