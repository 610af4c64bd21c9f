--TEST--
consumeCallback() calls with each message and returns how many events there were
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b', 'c']);
$consumer = new RdKafka\Consumer(test_conf());
$handle = $consumer->newTopic($topic);
$handle->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
$total = 0;
test_until(function () use (&$total) {
    return $total >= 3;
}, function () use ($handle, &$total): void {
    $total += $handle->consumeCallback(0, 500, function (...$arguments): void {
        echo count($arguments), ' ', $arguments[0]::class, ' ', $arguments[0]->payload, "\n";
    });
});
var_dump($total >= 3, $handle->consumeCallback(0, 50, fn () => print("never\n")));
test_try(fn () => $handle->consumeCallback(0, 50, 'no_such_function'));
$handle->consumeStop(0);
?>
--EXPECT--
1 RdKafka\Message a
1 RdKafka\Message b
1 RdKafka\Message c
bool(true)
int(0)
TypeError(0): RdKafka\ConsumerTopic::consumeCallback(): Argument #3 ($callback) must be a valid callback, function "no_such_function" not found or invalid function name
