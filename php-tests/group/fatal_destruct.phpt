--TEST--
A consumer that met a fatal error says so when it is destroyed, and not when it was closed
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(1);
foreach ([false, true] as $closes) {
    $group = test_name('group');
    $make = function () use ($group, $topic): RdKafka\KafkaConsumer {
        $consumer = new RdKafka\KafkaConsumer(test_conf(['group.id' => $group, 'group.instance.id' => 'a', 'log_level' => '0']));
        $consumer->subscribe([$topic]);
        return $consumer;
    };
    $fenced = $make();
    test_until(fn () => $fenced->getAssignment() !== [], fn () => $fenced->consume(50));
    $other = $make();
    $code = 0;
    test_until(function () use (&$code): bool {
        return $code === RD_KAFKA_RESP_ERR__FATAL;
    }, function () use ($fenced, $other, &$code): void {
        $other->consume(50);
        $code = $fenced->consume(50)->err;
    });
    $other->close();
    if ($closes) {
        $fenced->close();
        echo "closed\n";
    }
    unset($fenced);
    echo "gone\n";
}
?>
--EXPECTF--
Warning: rd_kafka_consumer_close failed: Local: Fatal error in %sfatal_destruct.php on line %d
gone
closed
gone
