--TEST--
A constructor called again makes the object anew
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$producer->newTopic($topic)->produce(0, 0, 'a');
$producer->flush(10000);
var_dump($producer->__construct(test_conf()));
$producer->newTopic($topic)->produce(0, 0, 'b');
var_dump($producer->flush(10000));
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
$consumer->__construct(test_conf(['group.id' => test_name('group')]));
var_dump(count($consumer->getAssignment()));
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 2) as $message) {
    echo $message->payload, "\n";
}
$legacy = new RdKafka\Consumer(test_conf());
var_dump($legacy->__construct(test_conf()), $legacy->getOutQLen());
$conf = new RdKafka\Conf();
$conf->set('client.id', 'mine');
$conf->__construct();
var_dump($conf->dump()['client.id']);
$partition = new RdKafka\TopicPartition('a', 1, 2);
$partition->__construct('b', 3);
var_dump([$partition->getTopic(), $partition->getPartition(), $partition->getOffset()] === ['b', 3, 0]);
?>
--EXPECT--
NULL
int(0)
int(0)
a
b
NULL
int(0)
string(7) "rdkafka"
bool(true)
