--TEST--
Messages that nobody flushed are delivered when the script ends
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$name = test_topic();
$script = <<<'PHP'
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$conf->set('linger.ms', '1000');
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($argv[2]);
for ($i = 0; $i < (int) $argv[4]; $i++) {
    $topic->produce(0, 0, "$argv[3] $i");
}
switch ($argv[3]) {
    case 'exit':
        exit;
    case 'exception':
        throw new Exception('uncaught');
    case 'fatal':
        undefined_function();
    case 'unset':
        unset($topic, $producer);
        break;
    case 'static':
        class Holder { public static $producer; }
        Holder::$producer = $producer;
        break;
    case 'cycle':
        $cycle = new stdClass();
        $cycle->self = $cycle;
        $cycle->producer = $producer;
        unset($cycle, $producer, $topic);
        break;
}
PHP;
$expected = 0;
foreach (['return', 'exit', 'exception', 'fatal', 'unset', 'static', 'cycle'] as $ending) {
    test_run_script($script, [test_brokers(), $name, $ending, '3']);
    $expected += 3;
}
test_run_script($script, [test_brokers(), $name, 'many', '10000']);
$expected += 10000;
$payloads = array_map(fn ($message) => $message->payload, test_messages($name, $expected));
var_dump(count($payloads));
echo implode("\n", array_slice($payloads, 0, 22)), "\n";
--EXPECT--
int(10021)
return 0
return 1
return 2
exit 0
exit 1
exit 2
exception 0
exception 1
exception 2
fatal 0
fatal 1
fatal 2
unset 0
unset 1
unset 2
static 0
static 1
static 2
cycle 0
cycle 1
cycle 2
many 0
