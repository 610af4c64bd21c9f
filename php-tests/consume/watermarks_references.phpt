--TEST--
queryWatermarkOffsets() fills variables, properties, array elements and named arguments
--FILE--
<?php
declare(strict_types=1);
require __DIR__ . '/../_harness.php';
$topic = test_topic();
test_produce($topic, ['a', 'b']);
$consumer = test_consumer();
$consumer->queryWatermarkOffsets($topic, 0, $new, $also, 5000);
var_dump($new, $also);
$object = new class {
    public int $low = -5;
    public $high = [];
};
$consumer->queryWatermarkOffsets($topic, 0, $object->low, $object->high, 5000);
echo json_encode($object), "\n";
$array = [];
$consumer->queryWatermarkOffsets($topic, 0, $array['low'], $array['high'], 5000);
echo json_encode($array), "\n";
$consumer->queryWatermarkOffsets($topic, 0, $same, $same, 5000);
var_dump($same);
$consumer->queryWatermarkOffsets(timeout_ms: 5000, high: $high, low: $low, partition: 0, topic: $topic);
echo "$low $high\n";
?>
--EXPECT--
int(0)
int(2)
{"low":0,"high":2}
{"low":0,"high":2}
int(2)
0 2
