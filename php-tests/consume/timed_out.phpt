--TEST--
consume() with nothing to say returns a message with error -185
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$consumer = test_consumer();
$start = hrtime(true);
$message = $consumer->consume(100);
$elapsed = (hrtime(true) - $start) / 1e6;
var_dump($elapsed >= 90 && $elapsed < 1000, $message, $message->errstr());
$start = hrtime(true);
var_dump($consumer->consume(0)->err, (hrtime(true) - $start) / 1e6 < 100);
?>
--EXPECTF--
bool(true)
object(RdKafka\Message)#%d (10) {
  ["err"]=>
  int(-185)
  ["topic_name"]=>
  NULL
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
  int(0)
  ["headers"]=>
  array(0) {
  }
  ["opaque"]=>
  NULL
}
string(16) "Local: Timed out"
int(-185)
bool(true)
