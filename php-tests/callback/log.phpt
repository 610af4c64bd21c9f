--TEST--
The log callback gets level, facility and text
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$lines = [];
$conf = test_conf(['debug' => 'broker,topic', 'log_level' => '7']);
$conf->setLogCb(function (...$arguments) use (&$producer, &$lines): void {
    [$kafka, $level, $facility, $message] = $arguments;
    $lines[] = [count($arguments), $kafka === $producer, $level, is_string($facility) && $facility !== '', is_string($message) && $message !== ''];
});
$producer = new RdKafka\Producer($conf);
$producer->getMetadata(true, null, 5000);
test_until(function () use (&$lines) {
    return count($lines) > 3;
}, fn () => $producer->poll(50));
echo json_encode($lines[0]), ' ', count(array_unique(array_column($lines, 2))) >= 1 && max(array_column($lines, 2)) <= 7 ? 'levels' : 'no levels', "\n";
?>
--EXPECT--
[4,true,7,true,true] levels
