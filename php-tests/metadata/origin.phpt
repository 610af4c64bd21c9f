--TEST--
getOrigBrokerId() and getOrigBrokerName() name the broker that answered
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
$metadata = $producer->getMetadata(true, null, 5000);
$id = $metadata->getOrigBrokerId();
$known = [];
foreach ($metadata->getBrokers() as $broker) {
    $known[$broker->getId()] = "{$broker->getHost()}:{$broker->getPort()}/{$broker->getId()}";
}
$name = $metadata->getOrigBrokerName();
var_dump(is_int($id), $name === ($known[$id] ?? null) || str_ends_with($name, '/bootstrap'));
?>
--EXPECT--
bool(true)
bool(true)
