--TEST--
The consume callback is accepted and never called: every way to consume returns its messages
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b', 'c', 'd']);
$calls = 0;
$conf = test_conf(['group.id' => test_name('group'), 'enable.auto.commit' => 'false']);
$conf->setConsumeCb(function () use (&$calls): void {
    $calls++;
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 2) as $m) {
    echo $m->payload, "\n";
}
$consumer->close();
$legacy = new RdKafka\Consumer($conf);
$handle = $legacy->newTopic($topic);
$handle->consumeStart(0, 0);
echo $handle->consume(0, 10000)->payload, "\n";
$legacy->poll(100);
foreach ($handle->consumeBatch(0, 10000, 2) as $m) {
    echo $m->payload, "\n";
}
$handle->consumeCallback(0, 1000, fn ($m) => print("own $m->payload\n"));
$handle->consumeStop(0);
$queue = $legacy->newQueue();
$handle->consumeQueueStart(0, 3, $queue);
echo $queue->consume(10000)->payload, "\n";
$legacy->poll(100);
var_dump($calls);
?>
--EXPECT--
a
b
a
b
c
own d
d
int(0)
