--TEST--
Each debug context tells what happens
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a']);
$told = [];
$conf = function (string $context) use (&$told): RdKafka\Conf {
    $conf = test_conf(['debug' => $context]);
    $conf->setLogCb(function ($kafka, $level, $facility, $text) use (&$told, $context): void {
        $told[$context][$facility] = true;
    });
    return $conf;
};
foreach (['generic', 'broker', 'topic', 'metadata', 'feature', 'queue', 'msg', 'protocol', 'cgrp', 'fetch', 'consumer', 'eos', 'assignor', 'conf'] as $context) {
    if (in_array($context, ['msg', 'eos', 'topic', 'feature'], true)) {
        $conf_producer = $conf($context);
        $conf_producer->set('transactional.id', test_name('tx'));
        $producer = new RdKafka\Producer($conf_producer);
        $producer->initTransactions(10000);
        $producer->beginTransaction();
        $producer->newTopic($topic)->produce(0, 0, 'x');
        $producer->commitTransaction(10000);
        $producer->poll(0);
    } else {
        $conf_consumer = $conf($context);
        $conf_consumer->set('group.id', test_name('group'));
        $conf_consumer->set('auto.offset.reset', 'earliest');
        $consumer = new RdKafka\KafkaConsumer($conf_consumer);
        $consumer->subscribe([$topic]);
        test_consume($consumer, 1);
        $consumer->close();
    }
    $own = array_diff(array_keys($told[$context] ?? []), $context === 'generic' ? [] : ['INIT']);
    echo $context, ' ', $own === [] ? 'says nothing' : 'tells', "\n";
}
?>
--EXPECT--
generic tells
broker tells
topic tells
metadata tells
feature tells
queue tells
msg tells
protocol tells
cgrp tells
fetch tells
consumer tells
eos tells
assignor tells
conf tells
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
