--TEST--
A client keeps the configuration as it was when it was made
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$conf = test_conf();
$conf->setDrMsgCb(function () {
    echo "first callback\n";
});
$producer = new RdKafka\Producer($conf);
$conf->setDrMsgCb(function () {
    echo "second callback\n";
});
$conf->set('bootstrap.servers', '127.0.0.1:1');
unset($conf);
$producer->newTopic($topic)->produce(0, 0, 'x');
var_dump($producer->flush(10000));
?>
--EXPECT--
first callback
int(0)
