--TEST--
queryWatermarkOffsets() asks the broker for a partition's first and next offset
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
test_produce($topic, ['0', '1', '2']);
$consumer = test_consumer();
$low = $high = 'untouched';
var_dump($consumer->queryWatermarkOffsets($topic, 0, $low, $high, 5000), $low, $high);
$consumer->queryWatermarkOffsets($topic, 1, $low, $high, 5000);
var_dump($low, $high);
$consumer->queryWatermarkOffsets($topic, 0, $newLow, $newHigh, 5000);
var_dump($newLow, $newHigh);
$values = ['low' => null, 'high' => null];
test_producer()->queryWatermarkOffsets($topic, 0, $values['low'], $values['high'], 5000);
(new RdKafka\Consumer(test_conf()))->queryWatermarkOffsets($topic, 0, $values['low2'], $values['high2'], 5000);
echo json_encode($values), "\n";
?>
--EXPECT--
NULL
int(0)
int(3)
int(0)
int(0)
int(0)
int(3)
{"low":0,"high":3,"low2":0,"high2":3}
