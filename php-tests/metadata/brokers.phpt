--TEST--
The brokers in metadata have an id, a host and a port
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$metadata = $producer->getMetadata(true, null, 5000);
$brokers = $metadata->getBrokers();
var_dump($brokers::class, count($brokers) >= 1);
$ids = [];
foreach ($brokers as $broker) {
    var_dump($broker::class, is_int($broker->getId()), $broker->getHost() !== '', $broker->getPort() > 0);
    $ids[] = $broker->getId();
    break;
}
[$host, $port] = explode(':', explode(',', test_brokers())[0]);
$found = false;
foreach ($brokers as $broker) {
    $found = $found || "{$broker->getHost()}:{$broker->getPort()}" === "$host:$port";
}
var_dump($found, in_array($producer->getControllerId(5000), array_map(fn ($b) => $b->getId(), iterator_to_array($brokers)), true));
?>
--EXPECT--
string(27) "RdKafka\Metadata\Collection"
bool(true)
string(23) "RdKafka\Metadata\Broker"
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
