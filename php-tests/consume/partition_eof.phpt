--TEST--
At the end of a partition, enable.partition.eof gives one message with error -191
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$consumer = test_consumer(['enable.partition.eof' => 'true']);
$consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
$next = fn (): RdKafka\Message => test_next($consumer);
echo $next()->payload, $next()->payload, "\n";
$end = $next();
var_dump($end->err, $end->errstr(), $end->topic_name === $topic, $end->partition, $end->offset, $end->key, $end->headers, $end->timestamp, $end->opaque);
echo preg_replace('/broker \d+/', 'broker N', $end->payload), "\n";
var_dump($end->len === strlen($end->payload), $consumer->consume(300)->err);
test_produce($topic, ['c']);
echo $next()->payload, "\n";
$end = $next();
var_dump($end->err, $end->offset);
?>
--EXPECT--
ab
int(-191)
string(24) "Broker: No more messages"
bool(true)
int(0)
int(2)
NULL
array(0) {
}
int(-1)
NULL
Fetch from broker N reached end of partition at offset 2 (HighwaterMark 2)
bool(true)
int(-185)
c
int(-191)
int(3)
