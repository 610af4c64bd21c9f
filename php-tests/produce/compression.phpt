--TEST--
Each codec carries messages whole
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$expected = [];
foreach (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as $codec) {
    $producer = test_producer(['compression.codec' => $codec, 'linger.ms' => 100]);
    $handle = $producer->newTopic($topic);
    for ($i = 0; $i < 50; $i++) {
        $handle->producev(0, 0, $expected[] = "$codec $i " . str_repeat('abc', $i * 20), "key $i", ['codec' => $codec]);
    }
    $producer->flush(10000);
}
$messages = test_messages($topic, 250);
var_dump(array_map(fn ($m) => $m->payload, $messages) === $expected);
var_dump(array_count_values(array_map(fn ($m) => $m->headers['codec'], $messages)));
?>
--EXPECT--
bool(true)
array(5) {
  ["none"]=>
  int(50)
  ["gzip"]=>
  int(50)
  ["snappy"]=>
  int(50)
  ["lz4"]=>
  int(50)
  ["zstd"]=>
  int(50)
}
