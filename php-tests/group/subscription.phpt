--TEST--
getSubscription() is what subscribe() was given, sorted; unsubscribe() clears it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
var_dump($consumer->getSubscription());
$consumer->subscribe(['two', 'one', 3]);
echo json_encode($consumer->getSubscription()), "\n";
$consumer->subscribe(['key' => 'other']);
echo json_encode($consumer->getSubscription()), "\n";
var_dump($consumer->unsubscribe());
echo json_encode($consumer->getSubscription()), "\n";
$consumer->unsubscribe();
$consumer->subscribe(['again']);
test_try(fn () => $consumer->subscribe([]));
echo json_encode($consumer->getSubscription()), "\n";
?>
--EXPECT--
array(0) {
}
["3","one","two"]
["other"]
NULL
[]
RdKafka\Exception(-186): Local: Invalid argument or configuration
["again"]
