--TEST--
Messages that cannot be committed are refused with -186
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
test_try(fn () => $consumer->commit($consumer->consume(0)));
test_try(fn () => $consumer->commitAsync($consumer->consume(0)));
$m = new RdKafka\Message();
$m->err = RD_KAFKA_RESP_ERR__PARTITION_EOF;
test_try(fn () => $consumer->commit($m));
$m->err = 0;
test_try(fn () => $consumer->commit($m));
?>
--EXPECT--
RdKafka\Exception(-186): Invalid argument: Specified Message has an error
RdKafka\Exception(-186): Invalid argument: Specified Message has an error
RdKafka\Exception(-186): Invalid argument: Specified Message has an error
RdKafka\Exception(-186): Invalid argument: Specified Message's topic_name is not a string
