--TEST--
Forks before and between clients, parent and children producing at once, grandchildren
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_harness.php';
require __DIR__ . '/../_script.php';
$script = <<<'PHP'
/** Sends and leaves the rest to the end of the process. */
function send(string $what, int $count): RdKafka\Producer
{
    global $argv;
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $argv[1]);
    $producer = new RdKafka\Producer($conf);
    $topic = $producer->newTopic($argv[2]);
    for ($i = 0; $i < $count; $i++) {
        $topic->produce(0, 0, "$what $i");
    }
    return $producer;
}
$children = [];
// before any client
if (($children[] = pcntl_fork()) === 0) {
    send('before', 5);
    exit;
}
$first = send('parent', 5);
// with a client that has messages on their way; a grandchild of it
if (($children[] = pcntl_fork()) === 0) {
    $own = send('child', 5);
    if (($pid = pcntl_fork()) === 0) {
        send('grandchild', 5);
        exit;
    }
    pcntl_waitpid($pid, $status);
    exit;
}
// the child uses what it inherited
if (($children[] = pcntl_fork()) === 0) {
    try {
        $first->newTopic($argv[2])->produce(0, 0, 'inherited');
        $first->flush(100);
    } catch (RdKafka\Exception) {
    }
    exit;
}
// between two clients
$second = send('second', 5);
if (($children[] = pcntl_fork()) === 0) {
    unset($first, $second);
    send('late child', 5);
    exit;
}
$first->newTopic($argv[2])->produce(0, 0, 'parent goes on');
foreach ($children as $pid) {
    pcntl_waitpid($pid, $status);
    pcntl_wifexited($status) && pcntl_wexitstatus($status) === 0 or print("a child ended with $status\n");
}
PHP;
$name = test_topic();
echo test_run_script($script, [test_brokers(), $name]);
$payloads = array_map(fn ($message) => preg_replace('/ \d$/', '', $message->payload), test_messages($name, 31));
$counts = array_count_values($payloads);
ksort($counts);
print_r($counts);
// nobody sent anything twice
var_dump(test_watermark($name));

function test_watermark(string $name): int
{
    $low = $high = 0;
    test_producer()->queryWatermarkOffsets($name, 0, $low, $high, 10000);
    return $high;
}
--EXPECT--
Array
(
    [before] => 5
    [child] => 5
    [grandchild] => 5
    [late child] => 5
    [parent] => 5
    [parent goes on] => 1
    [second] => 5
)
int(31)
