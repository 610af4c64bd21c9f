--TEST--
A consumed message, in every form PHP prints it
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, [['payload' => 'the payload', 'key' => 'the key', 'headers' => ['name' => 'value'], 'timestamp_ms' => 1600000000000]]);
$m = test_messages($topic, 1)[0];
$m->topic_name = 'topic';
var_dump($m);
print_r($m);
var_export($m);
echo "\n", json_encode($m, JSON_PRETTY_PRINT), "\n", serialize($m), "\n";
foreach ($m as $name => $value) {
    echo $name, '=', json_encode($value), ' ';
}
echo "\n";
?>
--EXPECTF--
object(RdKafka\Message)#%d (10) {
  ["err"]=>
  int(0)
  ["topic_name"]=>
  string(5) "topic"
  ["timestamp"]=>
  int(1600000000000)
  ["partition"]=>
  int(0)
  ["payload"]=>
  string(11) "the payload"
  ["len"]=>
  int(11)
  ["key"]=>
  string(7) "the key"
  ["offset"]=>
  int(0)
  ["headers"]=>
  array(1) {
    ["name"]=>
    string(5) "value"
  }
  ["opaque"]=>
  NULL
}
RdKafka\Message Object
(
    [err] => 0
    [topic_name] => topic
    [timestamp] => 1600000000000
    [partition] => 0
    [payload] => the payload
    [len] => 11
    [key] => the key
    [offset] => 0
    [headers] => Array
        (
            [name] => value
        )

    [opaque] => 
)
\RdKafka\Message::__set_state(array(
   'err' => 0,
   'topic_name' => 'topic',
   'timestamp' => 1600000000000,
   'partition' => 0,
   'payload' => 'the payload',
   'len' => 11,
   'key' => 'the key',
   'offset' => 0,
   'headers' => 
  array (
    'name' => 'value',
  ),
   'opaque' => NULL,
))
{
    "err": 0,
    "topic_name": "topic",
    "timestamp": 1600000000000,
    "partition": 0,
    "payload": "the payload",
    "len": 11,
    "key": "the key",
    "offset": 0,
    "headers": {
        "name": "value"
    },
    "opaque": null
}
O:15:"RdKafka\Message":10:{s:3:"err";i:0;s:10:"topic_name";s:5:"topic";s:9:"timestamp";i:1600000000000;s:9:"partition";i:0;s:7:"payload";s:11:"the payload";s:3:"len";i:11;s:3:"key";s:7:"the key";s:6:"offset";i:0;s:7:"headers";a:1:{s:4:"name";s:5:"value";}s:6:"opaque";N;}
err=0 topic_name="topic" timestamp=1600000000000 partition=0 payload="the payload" len=11 key="the key" offset=0 headers={"name":"value"} opaque=null
