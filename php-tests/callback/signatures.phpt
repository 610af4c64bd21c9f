--TEST--
A callback may declare fewer parameters, and what it returns is ignored
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
foreach ([fn () => print("none\n"), fn ($producer) => print($producer::class . "\n"), fn (...$all) => print(count($all) . "\n")] as $callback) {
    $conf = test_conf();
    $conf->setDrMsgCb($callback);
    $producer = new RdKafka\Producer($conf);
    $producer->newTopic($topic)->produce(0, 0, 'x');
    var_dump($producer->flush(10000));
}
$conf = test_conf();
$conf->setDrMsgCb(function ($producer, $m, $third) {
});
$producer = new RdKafka\Producer($conf);
$producer->newTopic($topic)->produce(0, 0, 'x');
ob_start(fn (string $text) => preg_replace('/\{closure[^}]*\}/', '{closure}', $text)); // PHP 8.4 tells where it is
test_try(fn () => $producer->flush(10000));
$conf = test_conf();
$conf->setDrMsgCb(function (RdKafka\Consumer $wrong) {
});
$producer = new RdKafka\Producer($conf);
$producer->newTopic($topic)->produce(0, 0, 'x');
try {
    $producer->flush(10000);
} catch (TypeError $e) {
    echo preg_replace('/, called in.*/', '', $e->getMessage()), "\n";
}
?>
--EXPECT--
none
int(0)
RdKafka\Producer
int(0)
2
int(0)
ArgumentCountError(0): Too few arguments to function {closure}(), 2 passed and exactly 3 expected
{closure}(): Argument #1 ($wrong) must be of type RdKafka\Consumer, RdKafka\Producer given
