--TEST--
A queue gathers several partitions and topics
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$one = test_topic(2);
$two = test_topic();
$names = [$one => 'one', $two => 'two'];
test_produce($one, [['payload' => 'a', 'partition' => 0], ['payload' => 'b', 'partition' => 1]]);
test_produce($two, ['c']);
$consumer = new RdKafka\Consumer(test_conf());
$queue = $consumer->newQueue();
var_dump($queue::class);
$first = $consumer->newTopic($one);
$second = $consumer->newTopic($two);
var_dump($first->consumeQueueStart(0, RD_KAFKA_OFFSET_BEGINNING, $queue));
$first->consumeQueueStart(1, RD_KAFKA_OFFSET_BEGINNING, $queue);
$second->consumeQueueStart(0, RD_KAFKA_OFFSET_BEGINNING, $queue);
$read = [];
test_until(function () use (&$read) {
    return count($read) === 3;
}, function () use ($queue, $names, &$read): void {
    if ($m = $queue->consume(500)) {
        $read[] = "{$names[$m->topic_name]} $m->partition $m->payload";
    }
});
sort($read);
echo implode("\n", $read), "\n";
var_dump($queue->consume(50), $queue->consume(0));
test_produce($two, ['d']);
echo $queue->consume(10000)->payload, "\n";
$second->consumeStop(0);
$first->consumeStop(0);
$first->consumeStop(1);
?>
--EXPECT--
string(13) "RdKafka\Queue"
NULL
one 0 a
one 1 b
two 0 c
NULL
NULL
d
