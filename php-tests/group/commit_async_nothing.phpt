--TEST--
commitAsync() with nothing stored throws nothing
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer(['enable.auto.commit' => 'false']);
test_try(fn () => $consumer->commitAsync());
test_try(fn () => $consumer->commitAsync(null));
test_try(fn () => $consumer->commitAsync([]));
echo $consumer->consume(100)->err, "\n";
?>
--EXPECT--
returned null
returned null
returned null
-185
