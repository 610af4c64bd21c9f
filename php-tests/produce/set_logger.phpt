--TEST--
setLogger() decides where log lines go, and puts the log callback out of work
--FILE--
<?php
require __DIR__ . '/../_harness.php';
error_reporting(E_ALL & ~E_DEPRECATED);
$make = function (bool $callback): RdKafka\Producer {
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', test_brokers());
    if ($callback) {
        $conf->setLogCb(fn ($kafka, $level, $facility) => print("callback $facility\n"));
    }
    return new RdKafka\Producer($conf);
};
$grumble = function (string $name, RdKafka\Producer $producer): void {
    echo "$name:\n";
    $producer->addBrokers('bad://host:1');
    $producer->poll(0);
};
$plain = $make(false);
$grumble('as it is', $plain);
$plain->setLogger(RD_KAFKA_LOG_SYSLOG);
$grumble('syslog', $plain);
$plain->setLogger(RD_KAFKA_LOG_PRINT);
$grumble('print', $plain);
$plain->setLogger(RD_KAFKA_LOG_SYSLOG_PRINT);
$grumble('syslog and print', $plain);
$called = $make(true);
$grumble('callback', $called);
$called->setLogger(RD_KAFKA_LOG_SYSLOG);
$grumble('syslog instead', $called);
test_try(fn () => $plain->setLogger(5));
test_try(fn () => $plain->setLogger('x'));
?>
--EXPECTF--
as it is:
%4|%d.%d|BROKER|rdkafka#producer-%d| [thrd:app]: Broker name "bad://host:1" parse error: unsupported protocol "BAD"
syslog:
print:
%4|%d.%d|BROKER|rdkafka#producer-%d| [thrd:app]: Broker name "bad://host:1" parse error: unsupported protocol "BAD"
syslog and print:
%4|%d.%d|BROKER|rdkafka#producer-%d| [thrd:app]: Broker name "bad://host:1" parse error: unsupported protocol "BAD"
callback:
callback BROKER
syslog instead:
Exception(0): Invalid logger
TypeError(0): RdKafka::setLogger(): Argument #1 ($logger) must be of type int, string given
