--TEST--
consume() serves the error callback
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$seen = [];
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1', 'group.id' => test_name('group')]);
$conf->setErrorCb(function ($kafka, int $code, string $reason) use (&$seen): void {
    $seen[$code] = $kafka::class;
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe(['x']);
$codes = [];
test_until(function () use (&$seen) {
    return count($seen) >= 2;
}, function () use ($consumer, &$codes): void {
    $codes[$consumer->consume(100)->err] = true;
});
krsort($seen);
var_dump($seen);
echo implode(' ', array_keys($codes)), "\n";
?>
--EXPECT--
array(2) {
  [-187]=>
  string(21) "RdKafka\KafkaConsumer"
  [-195]=>
  string(21) "RdKafka\KafkaConsumer"
}
-185
