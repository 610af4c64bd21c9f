--TEST--
One producer writes to several topics, with a configuration each
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$first = test_topic();
$second = test_topic();
$names = [$first => 'first', $second => 'second'];
$producer = test_producer([], function (RdKafka\Message $m) use ($names, &$seen): void {
    $seen[] = $names[$m->topic_name] . " $m->payload $m->offset";
});
$conf = new RdKafka\TopicConf();
$conf->set('message.timeout.ms', '5000');
$one = $producer->newTopic($first);
$two = $producer->newTopic($second, $conf);
for ($i = 0; $i < 3; $i++) {
    $one->produce(0, 0, "one $i");
    $two->produce(0, 0, "two $i");
}
$producer->flush(10000);
sort($seen);
print_r($seen);
?>
--EXPECT--
Array
(
    [0] => first one 0 0
    [1] => first one 1 1
    [2] => first one 2 2
    [3] => second two 0 0
    [4] => second two 1 1
    [5] => second two 2 2
)
