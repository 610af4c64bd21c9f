--TEST--
offset.store.method=file keeps offsets in a folder
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$folder = test_folder();
$topic = test_topic();
test_produce($topic, ['0', '1', '2']);
$conf = new RdKafka\TopicConf();
$conf->set('offset.store.method', 'file');
$conf->set('offset.store.path', $folder);
$conf->set('auto.offset.reset', 'smallest');
for ($i = 0; $i < 2; $i++) {
    $consumer = new RdKafka\Consumer(test_conf());
    $handle = $consumer->newTopic($topic, $conf);
    $handle->consumeStart(0, RD_KAFKA_OFFSET_STORED);
    echo $handle->consume(0, 10000)->payload, "\n";
    $handle->consumeStop(0);
    unset($handle, $consumer);
}
$files = glob("$folder/*");
echo count($files), ' ', str_replace($topic, 'topic', basename($files[0])), ' ', trim(file_get_contents($files[0])), "\n";
?>
--EXPECT--
0
1
1 topic-0.offset 2
