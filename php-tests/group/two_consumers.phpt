--TEST--
Two consumers of one process share four partitions
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(4);
$group = test_name('group');
$a = test_consumer(['group.id' => $group]);
$b = test_consumer(['group.id' => $group]);
$a->subscribe([$topic]);
$b->subscribe([$topic]);
$seen = [];
$poll = function () use ($a, $b, &$seen): void {
    foreach (['a' => $a, 'b' => $b] as $name => $consumer) {
        $m = $consumer->consume(50);
        if ($m->err === 0) {
            $seen["$m->partition/$m->offset"][] = $name;
        }
    }
};
var_dump(test_until(fn () => count($a->getAssignment()) === 2 && count($b->getAssignment()) === 2, $poll));
$partitions = array_map(fn ($p) => $p->getPartition(), [...$a->getAssignment(), ...$b->getAssignment()]);
sort($partitions);
echo implode(' ', $partitions), "\n";
test_produce($topic, array_map(fn ($i) => ['payload' => "$i", 'partition' => $i % 4], range(0, 39)));
test_until(function () use (&$seen) {
    return count($seen) === 40;
}, $poll);
$readers = [];
foreach ($seen as $place => $names) {
    count($names) === 1 || print("$place read by " . implode(' and ', $names) . "\n");
    $readers[(int) $place][$names[0]] = true;
}
ksort($readers);
var_dump(count($seen), array_map('count', $readers), array_count_values(array_map('key', $readers)) == ['a' => 2, 'b' => 2]);
?>
--EXPECT--
bool(true)
0 1 2 3
int(40)
array(4) {
  [0]=>
  int(1)
  [1]=>
  int(1)
  [2]=>
  int(1)
  [3]=>
  int(1)
}
bool(true)
