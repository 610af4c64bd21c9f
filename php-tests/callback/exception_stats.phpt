--TEST--
An exception in a statistics callback leaves poll() and consume()
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach (['producer', 'consumer'] as $kind) {
    $conf = test_conf(['statistics.interval.ms' => 50, 'group.id' => test_name('group')]);
    $conf->setStatsCb(function () use ($kind): void {
        throw new RuntimeException("from the $kind's statistics callback");
    });
    $client = $kind === 'producer' ? new RdKafka\Producer($conf) : new RdKafka\KafkaConsumer($conf);
    $message = null;
    test_until(function () use (&$message) {
        return $message !== null;
    }, function () use ($client, $kind, &$message): void {
        try {
            $kind === 'producer' ? $client->poll(100) : $client->consume(100);
        } catch (RuntimeException $e) {
            $message = $e->getMessage();
        }
    });
    echo $message, "\n";
}
?>
--EXPECT--
from the producer's statistics callback
from the consumer's statistics callback
