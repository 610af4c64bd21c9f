--TEST--
Without an error callback a consumer keeps connection errors to itself
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer(['bootstrap.servers' => '127.0.0.1:1']);
$consumer->subscribe(['x']);
for ($i = 0; $i < 5; $i++) {
    echo $consumer->consume(100)->err, "\n";
}
?>
--EXPECT--
-185
-185
-185
-185
-185
