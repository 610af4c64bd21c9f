--TEST--
Without a delivery callback messages are delivered all the same
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
$producer = test_producer();
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 20; $i++) {
    $handle->produce($i % 2, 0, "$i");
}
var_dump($producer->flush(10000));
foreach (test_messages($topic, 20, 2) as $m) {
    echo "$m->partition/$m->offset: $m->payload\n";
}
?>
--EXPECT--
int(0)
0/0: 0
0/1: 2
0/2: 4
0/3: 6
0/4: 8
0/5: 10
0/6: 12
0/7: 14
0/8: 16
0/9: 18
1/0: 1
1/1: 3
1/2: 5
1/3: 7
1/4: 9
1/5: 11
1/6: 13
1/7: 15
1/8: 17
1/9: 19
