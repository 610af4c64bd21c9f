--TEST--
Seed: the short connect, produce and poll sample, and its low-level consumer loop
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_harness.php';

class Client
{
    public $rk;
    public string $brokerVersionFallback = '0.9.0.1';
    public int $logLevel = LOG_ERR;
    public int $logger = RD_KAFKA_LOG_PRINT;
    public array $brokers;
    public int $messageTimeoutMs = 3000;
    public int $lastConnectTime = 0;
    public array $reports = [];

    public function produceDrMsgCallback($kafka, $message): void { $this->reports[] = [$message->err, $message->payload, $message->key]; }
    public function produceErrorCallback($kafka, $err, $reason): void { echo rd_kafka_err2str($err), ": $reason\n"; }

    public function connect(): void
    {
$this->rk = null;

$kafkaConf = new \RdKafka\Conf();
$kafkaConf->set('broker.version.fallback', $this->brokerVersionFallback);
$kafkaConf->set('socket.blocking.max.ms', 1);
$kafkaConf->setDrMsgCb(array($this, 'produceDrMsgCallback'));
$kafkaConf->setErrorCb(array($this, 'produceErrorCallback'));

$rk = new \RdKafka\Producer($kafkaConf);
$rk->setLogLevel($this->logLevel);
$rk->setLogger($this->logger);
$rk->addBrokers(implode(',', $this->brokers));

$this->rk = $rk;
$this->lastConnectTime = time();
    }

    public function produce(string $topic, string $payload, ?string $key): void
    {
$this->connect();
$topicConf = new \RdKafka\TopicConf();
$topicConf->set("message.timeout.ms", $this->messageTimeoutMs);
$topic = $this->rk->newTopic($topic, $topicConf);

$topic->produce(RD_KAFKA_PARTITION_UA, 0, $payload, $key);

//阻塞等待，为保证函数结束前已调用DrMsgCb返回发送结果
$this->rk->poll($this->messageTimeoutMs + 500); 
    }
}

class Worker
{
    private static bool $running = true;
    public $rk;
    public $rkTopic;
    public $conf;
    public string $groupId;
    public string $topic;
    public string $offsetAutoReset = 'smallest';

    public function run(string $brokerList, callable $callback_func): void
    {
if (empty($this->groupId) || empty($this->topic)) {
    throw new Exception("please set groupId and topic to this consumer");
}
$this->rk = new Rdkafka\Consumer($this->conf);
if ($brokerList == "") {
    throw new Exception ("broker list is empty!");
}
$this->rk->addBrokers($brokerList);

$topicConf = new Rdkafka\TopicConf();
$topicConf->set('auto.offset.reset', $this->offsetAutoReset);
$this->rkTopic = $this->rk->newTopic($this->topic, $topicConf);
$this->rkTopic->consumeStart(0, RD_KAFKA_OFFSET_STORED);
while (self::$running) {
    $this->consume($callback_func);
    pcntl_signal_dispatch();
}
$this->rkTopic->consumeStop(0);
    }

    private function consume(callable $callback): void
    {
        $message = $this->rkTopic->consume(0, 1000);
        if ($message !== null && $message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            self::$running = $callback($message);
        }
    }
}

$name = test_topic(1, 'seed');
$client = new Client();
$client->brokers = explode(',', test_brokers());
$client->produce($name, 'hello', 'k');
var_dump($client->reports === [[0, 'hello', 'k']]);
$client->produce($name, 'good bye', null);
var_dump($client->reports[1] === [0, 'good bye', null]);

$worker = new Worker();
$worker->conf = new RdKafka\Conf();
$worker->conf->set('group.id', $worker->groupId = test_name('group'));
$worker->topic = $name;
$worker->run(test_brokers(), function (RdKafka\Message $message): bool {
    echo $message->payload, "\n";
    return $message->payload !== 'good bye';
});
?>
--EXPECTF--
%AMethod RdKafka::setLogLevel() is deprecated in %s on line %d
%AMethod RdKafka::setLogger() is deprecated in %s on line %d
%Abool(true)
%AMethod RdKafka::setLogLevel() is deprecated in %s on line %d
%AMethod RdKafka::setLogger() is deprecated in %s on line %d
%Abool(true)
%Ahello
good bye
