--TEST--
TopicPartition: dumps, casts, comparison, clone, serialize
--FILE--
<?php
class Sub extends RdKafka\TopicPartition
{
    public $extra = 'x';
}
$partition = new RdKafka\TopicPartition('topic', 3, 5);
print_r($partition);
var_export($partition);
echo "\n", json_encode($partition), "\n";
var_dump((array) $partition, $partition == new RdKafka\TopicPartition('other', 0));
foreach ($partition as $name => $value) {
    echo "$name\n";
}
try {
    clone $partition;
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
echo serialize($partition), "\n";
$sub = new Sub('sub', 1);
var_dump($sub, $sub->extra);
--EXPECT--
RdKafka\TopicPartition Object
(
    [topic] => topic
    [partition] => 3
    [offset] => 5
    [err] => 0
)
\RdKafka\TopicPartition::__set_state(array(
))
{}
array(0) {
}
bool(true)
Trying to clone an uncloneable object of class RdKafka\TopicPartition
O:22:"RdKafka\TopicPartition":0:{}
object(Sub)#3 (4) {
  ["topic"]=>
  string(3) "sub"
  ["partition"]=>
  int(1)
  ["offset"]=>
  int(0)
  ["err"]=>
  int(0)
}
string(1) "x"
