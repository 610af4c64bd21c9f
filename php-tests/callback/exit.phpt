--TEST--
exit inside a callback ends the script, shutdown functions included
--FILE--
<?php
require __DIR__ . '/../_harness.php';
register_shutdown_function(function (): void {
    echo "shutdown function\n";
});
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$conf->setDrMsgCb(function ($kafka, $message): void {
    echo "report: $message->payload\n";
    exit(7);
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(test_name());
$topic->produce(0, 0, 'first');
$topic->produce(0, 0, 'second');
$producer->flush(10000);
echo "not reached\n";
--EXPECT--
report: first
shutdown function
