--TEST--
offsetStore() and RD_KAFKA_OFFSET_STORED go on where the group stopped
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3', '4']);
$group = test_name('group');
$open = function () use ($group, $topic): array {
    $consumer = new RdKafka\Consumer(test_conf(['group.id' => $group, 'enable.auto.offset.store' => 'false', 'auto.commit.interval.ms' => 100]));
    $conf = new RdKafka\TopicConf();
    $conf->set('auto.commit.enable', 'true');
    $conf->set('auto.commit.interval.ms', '100');
    $conf->set('auto.offset.reset', 'smallest');
    $conf->set('offset.store.method', 'broker');
    $handle = $consumer->newTopic($topic, $conf);
    $handle->consumeStart(0, RD_KAFKA_OFFSET_STORED);
    return [$consumer, $handle];
};
[$consumer, $handle] = $open();
for ($i = 0; $i < 3; $i++) {
    $m = $handle->consume(0, 10000);
    echo "$m->offset ";
}
echo "\n";
var_dump($handle->offsetStore(0, $m->offset));
$handle->consumeStop(0);
unset($consumer, $handle);
gc_collect_cycles();
[$consumer, $handle] = $open();
echo $handle->consume(0, 10000)->offset, "\n";
$handle->consumeStop(0);
?>
--EXPECT--
0 1 2 
NULL
3
