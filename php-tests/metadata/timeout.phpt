--TEST--
getMetadata() throws when no broker answers in time
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['bootstrap.servers' => '127.0.0.1:1']);
foreach ([0, 200] as $timeout) {
    $start = hrtime(true);
    test_try(fn () => $producer->getMetadata(true, null, $timeout));
    var_dump((hrtime(true) - $start) / 1e6 < $timeout + 500);
}
var_dump($producer->getControllerId(100));
?>
--EXPECT--
RdKafka\Exception(-195): Local: Broker transport failure
bool(true)
RdKafka\Exception(-195): Local: Broker transport failure
bool(true)
int(-1)
