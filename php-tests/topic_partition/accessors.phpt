--TEST--
TopicPartition: what is set is what is got
--FILE--
<?php
$partition = new RdKafka\TopicPartition('topic', 3);
var_dump($partition->getTopic(), $partition->getPartition(), $partition->getOffset(), $partition->getErr());
var_dump($partition === $partition->setTopic('other')->setPartition(7)->setOffset(RD_KAFKA_OFFSET_END));
var_dump($partition);
$partition->__construct('again', 1, 2);
var_dump($partition);
var_dump((new RdKafka\TopicPartition("nul\0byte", 0x100000001, PHP_INT_MAX))->setTopic("a\0b"));
var_dump((new RdKafka\TopicPartition('', -1))->getTopic());
var_dump((new RdKafka\TopicPartition("\xff\xfe", -1))->getTopic() === "\xff\xfe");
--EXPECT--
string(5) "topic"
int(3)
int(0)
int(0)
bool(true)
object(RdKafka\TopicPartition)#1 (4) {
  ["topic"]=>
  string(5) "other"
  ["partition"]=>
  int(7)
  ["offset"]=>
  int(-1)
  ["err"]=>
  int(0)
}
object(RdKafka\TopicPartition)#1 (4) {
  ["topic"]=>
  string(5) "again"
  ["partition"]=>
  int(1)
  ["offset"]=>
  int(2)
  ["err"]=>
  int(0)
}
object(RdKafka\TopicPartition)#2 (4) {
  ["topic"]=>
  string(1) "a"
  ["partition"]=>
  int(1)
  ["offset"]=>
  int(9223372036854775807)
  ["err"]=>
  int(0)
}
string(0) ""
bool(true)
