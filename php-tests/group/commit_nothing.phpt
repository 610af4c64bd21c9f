--TEST--
commit() with nothing stored throws -168
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['0']);
$consumer = test_consumer(['enable.auto.commit' => 'false']);
test_try(fn () => $consumer->commit());
test_try(fn () => $consumer->commit(null));
test_try(fn () => $consumer->commit([]));
$consumer->subscribe([$topic]);
test_until(fn () => $consumer->getAssignment() !== [], fn () => $consumer->consume(100));
test_consume($consumer, 1);
test_try(fn () => $consumer->commit());
test_try(fn () => $consumer->commit());
?>
--EXPECT--
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(-168): Local: No offset stored
RdKafka\Exception(-168): Local: No offset stored
returned null
RdKafka\Exception(-168): Local: No offset stored
