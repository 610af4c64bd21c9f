--TEST--
RD_KAFKA_MSG_F_BLOCK changes nothing while there is room
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$handle->produce(0, RD_KAFKA_MSG_F_BLOCK, 'produce');
$handle->producev(0, RD_KAFKA_MSG_F_BLOCK, 'producev', 'k', ['h' => 'v']);
var_dump($producer->flush(10000));
foreach (test_messages($topic, 2) as $m) {
    echo $m->payload, "\n";
}
?>
--EXPECT--
int(0)
produce
producev
