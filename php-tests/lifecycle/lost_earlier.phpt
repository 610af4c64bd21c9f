--TEST--
Messages that failed before the end are counted where no callback was there to tell of them
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
ini_set('rdkafka.shutdown_flush_ms', '300');
function producer(bool $tells): RdKafka\Producer {
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', '127.0.0.1:1');
    $conf->set('log_level', '0');
    $conf->set('message.timeout.ms', '200');
    $conf->setErrorCb(function () {});
    if ($tells) {
        $conf->setDrMsgCb(function ($kafka, $message) {
            echo "told: " . rd_kafka_err2str($message->err) . "\n";
        });
    }
    return new RdKafka\Producer($conf);
}
$silent = producer(false);
for ($i = 0; $i < 3; $i++) {
    $silent->newTopic('silent')->produce(0, 0, 'x');
}
$gone = producer(false);
$gone->newTopic('gone')->produce(0, 0, 'x');
$telling = producer(true);
$telling->newTopic('telling')->produce(0, 0, 'x');
$purged = producer(false);
$purged->newTopic('purged')->produce(0, 0, 'x');
$purged->purge(RD_KAFKA_PURGE_F_QUEUE);
var_dump($silent->flush(5000), $gone->flush(5000), $telling->flush(5000), $purged->flush(5000));
unset($gone);
var_dump($silent->getOutQLen());
PHP;
echo test_run_script($script);
--EXPECT--
told: Local: Message timed out
int(0)
int(0)
int(0)
int(0)
int(0)

Warning: rdkafka: 1 message for topic "gone" could not be delivered before the end of the request and is lost in Unknown on line 0

Warning: rdkafka: 3 messages for topic "silent" could not be delivered before the end of the request and are lost in Unknown on line 0
