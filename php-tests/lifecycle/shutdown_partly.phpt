--TEST--
What was delivered before the end is not counted among the lost
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$name = test_topic();
$script = <<<'PHP'
ini_set('rdkafka.shutdown_flush_ms', '300');
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$conf->set('log_level', '0');
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($argv[2]);
for ($i = 0; $i < 5; $i++) {
    $topic->produce(0, 0, "$i");
}
var_dump($producer->flush(10000));
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', '127.0.0.1:1');
$conf->set('message.timeout.ms', '300000');
$conf->set('log_level', '0');
$conf->setErrorCb(function () {});
$unreachable = new RdKafka\Producer($conf);
$lost = $unreachable->newTopic('lost');
for ($i = 0; $i < 12; $i++) {
    $lost->produce(RD_KAFKA_PARTITION_UA, 0, 'x');
}
foreach (['exit', 'throw'] as $ending) {
    if ($argv[3] === $ending) {
        $ending === 'exit' ? exit(0) : throw new Exception('uncaught');
    }
}
PHP;
foreach (['return', 'exit', 'throw'] as $ending) {
    $started = microtime(true);
    echo test_run_script($script, [test_brokers(), $name, $ending]);
    var_dump(microtime(true) - $started < 5);
}
--EXPECTF--
int(0)

Warning: rdkafka: 12 messages for topic "lost" could not be delivered before the end of the request and are lost in Unknown on line 0
bool(true)
int(0)

Warning: rdkafka: 12 messages for topic "lost" could not be delivered before the end of the request and are lost in Unknown on line 0
bool(true)
int(0)
%AUncaught Exception: uncaught%A
Warning: rdkafka: 12 messages for topic "lost" could not be delivered before the end of the request and are lost in Unknown on line 0
bool(true)
