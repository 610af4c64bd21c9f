--TEST--
An idempotent producer keeps order and loses nothing
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$reports = [];
$producer = test_producer(['enable.idempotence' => 'true', 'linger.ms' => 0], function (RdKafka\Message $m) use (&$reports): void {
    $reports[] = [$m->err, $m->offset, (int) $m->payload];
});
$handle = $producer->newTopic($topic);
for ($i = 0; $i < 500; $i++) {
    $handle->produce(0, 0, "$i");
    $i % 50 === 0 && $producer->poll(1);
}
var_dump($producer->flush(10000));
var_dump($reports === array_map(fn ($i) => [0, $i, $i], range(0, 499)));
var_dump(array_map(fn ($m) => (int) $m->payload, test_messages($topic, 500)) === range(0, 499));
?>
--EXPECT--
int(0)
bool(true)
bool(true)
