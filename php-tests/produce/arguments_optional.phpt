--TEST--
produce() with only a partition and flags sends a message of nulls
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
var_dump($handle->produce(0, 0));
var_dump($handle->produce(RD_KAFKA_PARTITION_UA, 0, 'unassigned'));
var_dump($handle->produce(partition: 0, msgflags: RD_KAFKA_MSG_F_BLOCK, key: 'named'));
var_dump($producer->flush(10000));
foreach (test_messages($topic, 3) as $m) {
    echo $m->offset, ' ', json_encode([$m->payload, $m->len, $m->key, $m->headers]), "\n";
}
?>
--EXPECT--
NULL
NULL
NULL
int(0)
0 [null,null,null,[]]
1 ["unassigned",10,null,[]]
2 [null,null,"named",[]]
