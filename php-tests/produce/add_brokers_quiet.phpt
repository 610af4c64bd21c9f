--TEST--
log_level holds for the lines of addBrokers() too
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer(['log_level' => '3']);
echo $producer->addBrokers('bad://host:1'), $producer->addBrokers('x:1,bad://host:1'), $producer->addBrokers("a\0,b"), "\n";
?>
--EXPECT--
011
