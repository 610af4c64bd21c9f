--TEST--
However a script ends, what it produced is delivered: memory limit, time limit, errors in handlers, late producers
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$name = test_topic();
$script = <<<'PHP'
ini_set('display_errors', '0');
ini_set('log_errors', '0');
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$conf->set('linger.ms', '5000');
$ending = $argv[3];
if ($ending === 'report') {
    $conf->setDrMsgCb(function () {
        ini_set('memory_limit', '8M');
        str_repeat('x', 1 << 30);
    });
}
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($argv[2]);
for ($i = 0; $i < 3; $i++) {
    $topic->produce(0, 0, "$ending $i");
}
switch ($ending) {
    case 'memory':
        ini_set('memory_limit', '8M');
        str_repeat('x', 1 << 30);
    case 'shutdown':
        register_shutdown_function(fn () => $topic->produce(0, 0, 'shutdown late'));
        exit(3);
    case 'destructor':
        class Late
        {
            public $topic;
            function __destruct()
            {
                $this->topic->produce(0, 0, 'destructor late');
            }
        }
        $late = new Late();
        $late->topic = $topic;
        unset($topic, $producer);
        break;
    case 'output':
        ob_start(function ($text) use ($topic) {
            $topic->produce(0, 0, 'output late');
            return '';
        });
        break;
    case 'report':
        $producer->flush(5000);
        break;
    case 'handler':
        set_error_handler(fn () => undefined_function());
        echo $undefined;
        break;
    case 'time':
        set_time_limit(1);
        for (;;);
}
PHP;
foreach (['memory', 'shutdown', 'destructor', 'output', 'report', 'handler', 'time'] as $ending) {
    echo test_run_script($script, [test_brokers(), $name, $ending]);
}
$payloads = array_map(fn ($message) => $message->payload, test_messages($name, 24));
echo implode("\n", $payloads), "\n";
--EXPECT--
memory 0
memory 1
memory 2
shutdown 0
shutdown 1
shutdown 2
shutdown late
destructor 0
destructor 1
destructor 2
destructor late
output 0
output 1
output 2
output late
report 0
report 1
report 2
handler 0
handler 1
handler 2
time 0
time 1
time 2
