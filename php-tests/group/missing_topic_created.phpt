--TEST--
A missing topic that is created later is picked up
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_name();
$consumer = test_consumer(['topic.metadata.refresh.interval.ms' => 500, 'allow.auto.create.topics' => 'false']);
$consumer->subscribe([$name]);
$m = test_next($consumer);
echo $m->err, ' ', $m->errstr(), "\n";
$producer = test_producer();
$producer->newTopic($name)->produce(0, 0, 'now it exists');
$producer->flush(10000);
echo test_consume($consumer, 1)[0]->payload, "\n";
?>
--EXPECT--
3 Broker: Unknown topic or partition
now it exists
