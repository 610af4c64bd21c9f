--TEST--
A signal during a call that ends in an exception is handled all the same, before the exception is caught
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_harness.php';
pcntl_async_signals(true);
$events = [];
pcntl_signal(SIGALRM, function () use (&$events): void {
    $events[] = 'handled';
});
$consumer = new RdKafka\KafkaConsumer(test_conf(['bootstrap.servers' => '127.0.0.1:1', 'group.id' => 'g',
    'session.timeout.ms' => '2000', 'heartbeat.interval.ms' => '500', 'log_level' => '0']));
$offsets = [new RdKafka\TopicPartition('t', 0, 1)];
pcntl_alarm(1);
try {
    $consumer->commit($offsets);
} catch (RdKafka\Exception $e) {
    $events[] = $e->getMessage();
}
echo implode(', ', $events), "\n";

// a handler that throws: both are told
pcntl_signal(SIGALRM, fn () => throw new LogicException('of the handler'));
pcntl_alarm(1);
try {
    $consumer->commit($offsets);
} catch (Throwable $e) {
    echo $e->getMessage(), ', before it ', $e->getPrevious()?->getMessage(), "\n";
}

// a handler that ends the script
pcntl_signal(SIGALRM, function (): void {
    exit("ended by the handler\n");
});
pcntl_alarm(1);
$consumer->commit($offsets);
echo "not reached\n";
--EXPECT--
handled, Local: Timed out
of the handler, before it Local: Timed out
ended by the handler
