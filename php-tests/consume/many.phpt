--TEST--
Thousands of messages arrive complete and in order
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(3);
$producer = test_producer();
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 6000; $i++) {
    $handle->produce($i % 3, 0, (string) $i, "key $i");
    $i % 1000 === 0 && $producer->poll(0);
}
$producer->flush(10000);
$last = [-1, -1, -1];
$ordered = true;
foreach (test_messages($topic, 6000, 3) as $m) {
    $ordered = $ordered && $m->payload == $m->offset * 3 + $m->partition && $m->key === "key $m->payload";
    $last[$m->partition] = $m->offset;
}
var_dump($ordered, $last);
?>
--EXPECT--
bool(true)
array(3) {
  [0]=>
  int(1999)
  [1]=>
  int(1999)
  [2]=>
  int(1999)
}
