--TEST--
purge() looks at 32 bits of its flags
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$producer = test_producer();
foreach ([0, 7, 8, -1, 1 << 32, (1 << 32) | 8, PHP_INT_MIN] as $flags) {
    echo $producer->purge($flags), ' ';
}
?>
--EXPECT--
0 0 -186 -186 0 -186 0
