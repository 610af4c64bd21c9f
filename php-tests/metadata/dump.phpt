--TEST--
Metadata's collections, dumped
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(2);
$producer = test_producer();
$metadata = $producer->getMetadata(false, $producer->newTopic($name), 5000);
ob_start(fn (string $dump) => preg_replace(
    ['/(\["leader"\]=>\s+)int\(\d+\)/', '/\[leader\] => \d+/', '/#\d+/', '/string\(\d+\) "test-.*"/', '/test-\S+/'],
    ['$1int', '[leader] => int', '#N', 'string', 'test'],
    $dump
));
var_dump($metadata->getTopics());
print_r($metadata->getTopics()->current()->getPartitions());
print_r($metadata->getTopics()->current());
echo json_encode($metadata), json_encode($metadata->getTopics()), json_encode($metadata->getTopics()->current()), "\n";
var_dump((array) $metadata, array_keys(get_object_vars($metadata->getTopics()->current())));
test_try(fn () => clone $metadata);
test_try(fn () => clone $metadata->getTopics());
test_try(fn () => clone $metadata->getTopics()->current());
?>
--EXPECT--
object(RdKafka\Metadata\Collection)#N (1) {
  [0]=>
  object(RdKafka\Metadata\Topic)#N (3) {
    ["topic"]=>
    string
    ["partitions"]=>
    object(RdKafka\Metadata\Collection)#N (2) {
      [0]=>
      object(RdKafka\Metadata\Partition)#N (5) {
        ["id"]=>
        int(0)
        ["err"]=>
        int(0)
        ["leader"]=>
        int
        ["replica_cnt"]=>
        int(1)
        ["isr_cnt"]=>
        int(1)
      }
      [1]=>
      object(RdKafka\Metadata\Partition)#N (5) {
        ["id"]=>
        int(1)
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
RdKafka\Metadata\Collection Object
(
    [0] => RdKafka\Metadata\Partition Object
        (
            [id] => 0
            [err] => 0
            [leader] => int
            [replica_cnt] => 1
            [isr_cnt] => 1
        )

    [1] => RdKafka\Metadata\Partition Object
        (
            [id] => 1
            [err] => 0
            [leader] => int
            [replica_cnt] => 1
            [isr_cnt] => 1
        )

)
RdKafka\Metadata\Topic Object
(
    [topic] => test
    [partitions] => RdKafka\Metadata\Collection Object
        (
            [0] => RdKafka\Metadata\Partition Object
                (
                    [id] => 0
                    [err] => 0
                    [leader] => int
                    [replica_cnt] => 1
                    [isr_cnt] => 1
                )

            [1] => RdKafka\Metadata\Partition Object
                (
                    [id] => 1
                    [err] => 0
                    [leader] => int
                    [replica_cnt] => 1
                    [isr_cnt] => 1
                )

        )

    [err] => 0
)
{}{}{}
array(0) {
}
array(0) {
}
Error(0): Trying to clone an uncloneable object of class RdKafka\Metadata
Error(0): Trying to clone an uncloneable object of class RdKafka\Metadata\Collection
Error(0): Trying to clone an uncloneable object of class RdKafka\Metadata\Topic
