--TEST--
A dump of metadata shows brokers, topics and who answered
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$producer = test_producer();
$metadata = $producer->getMetadata(false, $producer->newTopic($name), 5000);
ob_start();
var_dump($metadata);
$dump = ob_get_clean();
$dump = preg_replace(['/#\d+/', '/string\(\d+\) "[^"]*"/', '/(\["(?:id|port|leader|orig_broker_id)"\]=>\s+)int\(-?\d+\)/'], ['#N', 'string', '$1int'], $dump);
echo $dump;
?>
--EXPECT--
object(RdKafka\Metadata)#N (4) {
  ["brokers"]=>
  object(RdKafka\Metadata\Collection)#N (1) {
    [0]=>
    object(RdKafka\Metadata\Broker)#N (3) {
      ["id"]=>
      int
      ["host"]=>
      string
      ["port"]=>
      int
    }
  }
  ["topics"]=>
  object(RdKafka\Metadata\Collection)#N (1) {
    [0]=>
    object(RdKafka\Metadata\Topic)#N (3) {
      ["topic"]=>
      string
      ["partitions"]=>
      object(RdKafka\Metadata\Collection)#N (1) {
        [0]=>
        object(RdKafka\Metadata\Partition)#N (5) {
          ["id"]=>
          int
          ["err"]=>
          int(0)
          ["leader"]=>
          int
          ["replica_cnt"]=>
          int(1)
          ["isr_cnt"]=>
          int(1)
        }
      }
      ["err"]=>
      int(0)
    }
  }
  ["orig_broker_id"]=>
  int
  ["orig_broker_name"]=>
  string
}
