--TEST--
When one consumer leaves, the other goes on where it stopped
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$group = test_name('group');
$make = fn () => test_consumer(['group.id' => $group]);
$a = $make();
$b = $make();
$a->subscribe([$topic]);
$b->subscribe([$topic]);
$read = [];
$poll = function () use (&$a, &$b, &$read): void {
    foreach (array_filter([$a, $b]) as $consumer) {
        $m = $consumer->consume(50);
        if ($m->err === 0) {
            $read[] = (int) $m->payload;
        }
    }
};
test_until(fn () => count($a->getAssignment()) === 2 && count($b->getAssignment()) === 2, $poll);
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range(0, 19)));
test_until(function () use (&$read) {
    return count($read) >= 20;
}, $poll);
$b = null;
test_until(fn () => count($a->getAssignment()) === 4, $poll);
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range(20, 39)));
test_until(function () use (&$read) {
    return count($read) >= 40;
}, $poll);
sort($read);
var_dump($read === range(0, 39));
?>
--EXPECT--
bool(true)
