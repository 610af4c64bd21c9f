--TEST--
A KafkaConsumer's log callback is served by consume()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$lines = 0;
$conf = test_conf(['debug' => 'cgrp,consumer', 'log_level' => '7', 'group.id' => test_name('group')]);
$conf->setLogCb(function (RdKafka\KafkaConsumer $consumer, int $level, string $facility, string $message) use (&$lines): void {
    $lines++;
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([test_topic()]);
test_until(function () use (&$lines) {
    return $lines > 0;
}, fn () => $consumer->consume(50));
var_dump($lines > 0);
?>
--EXPECT--
bool(true)
