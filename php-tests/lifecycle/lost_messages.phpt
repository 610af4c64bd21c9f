--TEST--
Messages that could not be delivered before the end are counted in a warning, and the bound holds
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
ini_set('rdkafka.shutdown_flush_ms', '300');
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', '127.0.0.1:1');
$conf->set('log_level', '0');
$conf->setErrorCb(function () {});
$producer = new RdKafka\Producer($conf);
$one = $producer->newTopic('one');
$two = $producer->newTopic('two');
$one->produce(0, 0, 'x');
for ($i = 0; $i < 250; $i++) {
    $two->produce(0, 0, 'x');
}
PHP;
$started = microtime(true);
echo test_run_script($script, []), "\n";
$elapsed = microtime(true) - $started;
var_dump($elapsed >= 0.3 && $elapsed < 2);
--EXPECTF--

Warning: rdkafka: 1 message for topic "one" could not be delivered before the end of the request and is lost in Unknown on line 0

Warning: rdkafka: 250 messages for topic "two" could not be delivered before the end of the request and are lost in Unknown on line 0

bool(true)
