--TEST--
One configuration serves several clients
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$conf = test_conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest']);
$conf->setDrMsgCb(fn ($producer, $m) => print("delivered $m->payload\n"));
$a = new RdKafka\Producer($conf);
$b = new RdKafka\Producer($conf);
$consumer = new RdKafka\KafkaConsumer($conf);
$a->newTopic($topic)->produce(0, 0, 'a');
$a->flush(10000);
$b->newTopic($topic)->produce(0, 0, 'b');
$b->flush(10000);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
foreach (test_consume($consumer, 2) as $m) {
    echo "consumed $m->payload\n";
}
?>
--EXPECT--
delivered a
delivered b
consumed a
consumed b
