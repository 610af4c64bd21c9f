--TEST--
A Conf inside a cycle of objects is collected
--FILE--
<?php
$make = function (): void {
    $conf = new RdKafka\Conf();
    $object = new stdClass();
    $object->conf = $conf;
    $object->weight = str_repeat('x', 1000);
    $conf->setErrorCb(function () use ($object): void {
    });
};
for ($i = 0; $i < 10; $i++) {
    $make();
}
gc_collect_cycles();
$before = memory_get_usage();
for ($i = 0; $i < 1000; $i++) {
    $make();
}
gc_collect_cycles();
var_dump(memory_get_usage() - $before < 100000);
--EXPECT--
bool(true)
