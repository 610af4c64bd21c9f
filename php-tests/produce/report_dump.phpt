--TEST--
A delivery report's message, dumped
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer([], function (RdKafka\Message $m): void {
    var_dump($m);
});
$handle = $producer->newTopic($topic);
$handle->producev(0, 0, 'payload', 'key', ['a' => 'b'], 1600000000000, 'opaque');
$producer->flush(10000);
$handle->producev(0, 0, null, null, null, 1600000000000);
$producer->flush(10000);
?>
--EXPECTF--
object(RdKafka\Message)#%d (10) {
  ["err"]=>
  int(0)
  ["topic_name"]=>
  string(%d) "test-%s"
  ["timestamp"]=>
  int(1600000000000)
  ["partition"]=>
  int(0)
  ["payload"]=>
  string(7) "payload"
  ["len"]=>
  int(7)
  ["key"]=>
  string(3) "key"
  ["offset"]=>
  int(0)
  ["headers"]=>
  array(1) {
    ["a"]=>
    string(1) "b"
  }
  ["opaque"]=>
  string(6) "opaque"
}
object(RdKafka\Message)#%d (10) {
  ["err"]=>
  int(0)
  ["topic_name"]=>
  string(%d) "test-%s"
  ["timestamp"]=>
  NULL
  ["partition"]=>
  int(0)
  ["payload"]=>
  NULL
  ["len"]=>
  NULL
  ["key"]=>
  NULL
  ["offset"]=>
  int(1)
  ["headers"]=>
  array(0) {
  }
  ["opaque"]=>
  NULL
}
