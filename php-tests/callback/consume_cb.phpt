--TEST--
setConsumeCb() is accepted and consume() still returns the messages
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$calls = 0;
$conf = test_conf(['group.id' => test_name('group')]);
$conf->setConsumeCb(function () use (&$calls): void {
    $calls++;
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 2) as $m) {
    echo $m->payload, "\n";
}
var_dump($calls);
?>
--EXPECT--
a
b
int(0)
