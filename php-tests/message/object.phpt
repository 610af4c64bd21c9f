--TEST--
Message: a plain object with typed properties
--FILE--
<?php
$message = new RdKafka\Message();
var_dump($message);
foreach (['err', 'partition', 'offset', 'headers'] as $name) {
    try {
        $message->$name;
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
}
try {
    $message->errstr();
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
try {
    $message->err = 'x';
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
$message->err = RD_KAFKA_RESP_ERR__PARTITION_EOF;
$message->partition = 2;
$message->offset = 9;
$message->headers = ['a' => 'b'];
$message->payload = 'p';
echo $message->errstr(), "\n";
print_r($message);
var_export($message);
echo "\n", json_encode($message), "\n", serialize($message), "\n";
var_dump(unserialize(serialize($message)) == $message, clone $message == $message);
$copy = clone $message;
$copy->headers['c'] = 'd';
var_dump($message->headers, count((array) $copy));
--EXPECT--
object(RdKafka\Message)#1 (6) {
  ["err"]=>
  uninitialized(int)
  ["topic_name"]=>
  NULL
  ["timestamp"]=>
  NULL
  ["partition"]=>
  uninitialized(int)
  ["payload"]=>
  NULL
  ["len"]=>
  NULL
  ["key"]=>
  NULL
  ["offset"]=>
  uninitialized(int)
  ["headers"]=>
  uninitialized(array)
  ["opaque"]=>
  NULL
}
Typed property RdKafka\Message::$err must not be accessed before initialization
Typed property RdKafka\Message::$partition must not be accessed before initialization
Typed property RdKafka\Message::$offset must not be accessed before initialization
Typed property RdKafka\Message::$headers must not be accessed before initialization
Typed property RdKafka\Message::$err must not be accessed before initialization
Cannot assign string to property RdKafka\Message::$err of type int
Broker: No more messages
RdKafka\Message Object
(
    [err] => -191
    [topic_name] => 
    [timestamp] => 
    [partition] => 2
    [payload] => p
    [len] => 
    [key] => 
    [offset] => 9
    [headers] => Array
        (
            [a] => b
        )

    [opaque] => 
)
\RdKafka\Message::__set_state(array(
   'err' => -191,
   'topic_name' => NULL,
   'timestamp' => NULL,
   'partition' => 2,
   'payload' => 'p',
   'len' => NULL,
   'key' => NULL,
   'offset' => 9,
   'headers' => 
  array (
    'a' => 'b',
  ),
   'opaque' => NULL,
))
{"err":-191,"topic_name":null,"timestamp":null,"partition":2,"payload":"p","len":null,"key":null,"offset":9,"headers":{"a":"b"},"opaque":null}
O:15:"RdKafka\Message":10:{s:3:"err";i:-191;s:10:"topic_name";N;s:9:"timestamp";N;s:9:"partition";i:2;s:7:"payload";s:1:"p";s:3:"len";N;s:3:"key";N;s:6:"offset";i:9;s:7:"headers";a:1:{s:1:"a";s:1:"b";}s:6:"opaque";N;}
bool(true)
bool(true)
array(1) {
  ["a"]=>
  string(1) "b"
}
int(10)
