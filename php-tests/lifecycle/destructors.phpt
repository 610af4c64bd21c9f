--TEST--
Destructors and shutdown functions may use clients, whatever comes first
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
class Sender
{
    public static ?self $kept = null;
    public ?self $self = null;
    private RdKafka\Producer $producer;
    private RdKafka\ProducerTopic $topic;

    public function __construct(private string $what, array $argv, private bool $flushes = false)
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $argv[1]);
        $conf->setDrMsgCb(fn ($producer, $message) => $message->err === 0 or print("failed\n"));
        $this->producer = new RdKafka\Producer($conf);
        $this->topic = $this->producer->newTopic($argv[2]);
    }

    public function send(string $when): void
    {
        $this->topic->produce(0, 0, "$this->what, $when");
    }

    public function __destruct()
    {
        $this->send('destructor');
        if ($this->flushes) {
            echo $this->what, ': ', $this->producer->flush(10000), "\n";
        }
    }
}
$local = new Sender('global', $argv);
$flushing = new Sender('flushing', $argv, true);
Sender::$kept = new Sender('static', $argv);
$cycle = new Sender('cycle', $argv);
$cycle->self = $cycle;
unset($cycle);
$map = new WeakMap();
$map[$local] = new Sender('weak', $argv);
$generator = (function () use ($argv) {
    $sender = new Sender('generator', $argv);
    yield;
    $sender->send('never');
})();
$generator->current();
$fiber = new Fiber(function () use ($argv): void {
    $sender = new Sender('fiber', $argv);
    Fiber::suspend();
    $sender->send('never');
});
$fiber->start();
$closure = function () use ($argv): void {
    static $sender;
    $sender ??= new Sender('closure', $argv);
};
$closure();
register_shutdown_function(function () use ($local, $argv): void {
    $local->send('shutdown function');
    (new Sender('late', $argv))->send('shutdown function');
});
ob_start(function (string $output) use ($local): string {
    $local->send('output handler');
    return $output;
});
PHP;
$name = test_topic();
echo test_run_script($script, [test_brokers(), $name]);
$payloads = array_map(fn ($message) => $message->payload, test_messages($name, 12));
sort($payloads);
echo implode("\n", $payloads), "\n";
--EXPECT--
flushing: 0
closure, destructor
cycle, destructor
fiber, destructor
flushing, destructor
generator, destructor
global, destructor
global, output handler
global, shutdown function
late, destructor
late, shutdown function
static, destructor
weak, destructor
