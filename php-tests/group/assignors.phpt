--TEST--
Each assignment strategy shares the partitions of two topics
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$one = test_topic(3);
$two = test_topic(3);
foreach (['range', 'roundrobin', 'cooperative-sticky', 'range,roundrobin'] as $strategy) {
    $group = test_name('group');
    $a = test_consumer(['group.id' => $group, 'partition.assignment.strategy' => $strategy]);
    $b = test_consumer(['group.id' => $group, 'partition.assignment.strategy' => $strategy]);
    $a->subscribe([$one, $two]);
    $b->subscribe([$one, $two]);
    $count = fn () => [count($a->getAssignment()), count($b->getAssignment())];
    $shared = str_starts_with($strategy, 'range') ? [2, 4] : [3, 3];
    test_until(function () use ($count, $shared) {
        $now = $count();
        sort($now);
        return $now === $shared;
    }, function () use ($a, $b): void {
        $a->consume(30);
        $b->consume(30);
    });
    $now = $count();
    sort($now);
    $all = [...$a->getAssignment(), ...$b->getAssignment()];
    echo $strategy, ': ', implode(' and ', $now), ', ', count(array_unique(array_map(fn ($p) => $p->getTopic() . $p->getPartition(), $all))), " in all\n";
    unset($a, $b, $count);
    gc_collect_cycles();
}
?>
--EXPECT--
range: 2 and 4, 6 in all
roundrobin: 3 and 3, 6 in all
cooperative-sticky: 3 and 3, 6 in all
range,roundrobin: 2 and 4, 6 in all
