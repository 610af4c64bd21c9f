--TEST--
A collection is a countable iterator that can be rewound
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(3);
$producer = test_producer();
$metadata = $producer->getMetadata(false, $producer->newTopic($name), 5000);
$partitions = $metadata->getTopics()->current()->getPartitions();
var_dump($partitions instanceof Countable, $partitions instanceof Iterator, $partitions->count(), count($partitions));
var_dump($partitions->valid(), $partitions->key(), $partitions->current()->getId());
$partitions->next();
var_dump($partitions->key(), $partitions->current()->getId());
foreach ($partitions as $key => $partition) {
    echo "$key: ", $partition->getId(), "\n";
}
var_dump($partitions->valid());
test_try(fn () => $partitions->current());
test_try(fn () => $partitions->key());
var_dump($partitions->next());
test_try(fn () => $partitions->current());
var_dump($partitions->rewind(), $partitions->key(), $partitions->current() === $partitions->current());
var_dump(count(iterator_to_array($partitions)), array_map(fn ($p) => $p->getId(), [...$partitions]));
?>
--EXPECT--
bool(true)
bool(true)
int(3)
int(3)
bool(true)
int(0)
int(0)
int(1)
int(1)
0: 0
1: 1
2: 2
bool(false)
RdKafka\Exception(0): Called current() on invalid iterator
RdKafka\Exception(0): Called key() on invalid iterator
NULL
RdKafka\Exception(0): Called current() on invalid iterator
NULL
int(0)
bool(false)
int(3)
array(3) {
  [0]=>
  int(0)
  [1]=>
  int(1)
  [2]=>
  int(2)
}
