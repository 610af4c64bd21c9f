--TEST--
With enable.auto.offset.store off only what offsetStore() was given is committed, and never backwards
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0', '1', '2', '3']);
$consumer = test_consumer(['enable.auto.commit' => 'false', 'enable.auto.offset.store' => 'false']);
$consumer->subscribe([$topic]);
$handle = $consumer->newTopic($topic);
var_dump($handle::class, $handle->getName() === $topic);
test_consume($consumer, 4);
test_try(fn () => $consumer->commit());
var_dump($handle->offsetStore(0, 1));
$consumer->commit();
test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
$handle->offsetStore(0, 0);
test_try(fn () => $consumer->commit());
test_partitions($consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 5000));
?>
--EXPECT--
string(26) "RdKafka\KafkaConsumerTopic"
bool(true)
RdKafka\Exception(-168): Local: No offset stored
NULL
topic[0] 2 0
RdKafka\Exception(-168): Local: No offset stored
topic[0] 2 0
