--TEST--
Seed: the web controller's producer with debug all, log callback, poll and flush, and its consumer
--FILE--
<?php
require __DIR__ . '/../_harness.php';
use RdKafka\{Conf, KafkaConsumer, Producer};

final class Log
{
    public static array $lines = [];
    public static function debug(string $text, array $context = []): void
    {
        self::$lines[] = $text . ($context ? ' ' . json_encode($context, JSON_UNESCAPED_UNICODE) : '');
    }
}

$name = test_topic(1, 'seed');

function kafka(string $topicName)
{
        $message = '王建国';
        Log::debug('消息', ['message' => $message]);

        $conf = new Conf();
        $conf->set('log_level', (string) LOG_DEBUG);
        $conf->set('debug', 'all');
        $conf->set('metadata.broker.list', test_brokers());
        $conf->setDrMsgCb(function ($kafka, $message) {
            Log::debug("kafka信息", ['message' => var_export($message, true)]);
        });
        $conf->setErrorCb(function ($kafka, $err, $reason) {
            Log::debug("kafka错误", ['err' => $err, 'reason' => $reason]);
        });

        $conf->setLogCb(function ($kafka, $level, $facility, $message) {
            Log::debug(vsprintf("Kafka %s: %s (level: %d)\n", [$facility, $message, $level]));
        });

        //If you need to produce exactly once and want to keep the original produce order, uncomment the line below
        //$conf->set('enable.idempotence', 'true');

        $producer = new Producer($conf);

        $topic = $producer->newTopic($topicName);
        $topic->produce(RD_KAFKA_PARTITION_UA, 0, $message);
        $producer->poll(0);

        $result = $producer->flush(10000);
        if (RD_KAFKA_RESP_ERR_NO_ERROR !== $result) {
            throw new \RuntimeException('Was unable to flush, messages might be lost!');
        }

        return $result;
}

final class Command
{
    private function info(?string $line): void { echo $line, "\n"; }

    public function consume(string $topicName)
    {
        $conf = new Conf();

// Configure the group.id. All consumer with the same group.id will consume
// different partitions.
        $conf->set('group.id', test_name('myConsumerGroup'));

// Initial list of Kafka brokers
        $conf->set('metadata.broker.list', test_brokers());

// Set where to start consuming messages when there is no initial offset in
// offset store or the desired offset is out of range.
// 'smallest': start from the beginning
        $conf->set('auto.offset.reset', 'smallest');

        $consumer = new KafkaConsumer($conf);

// Subscribe to topic 'test'
        $consumer->subscribe([$topicName]);

        echo "Waiting for partition assignment... (make take some time when\n";
        echo "quickly re-joining the group after leaving it.)\n";

        while (true) {
            $message = $consumer->consume(120 * 1000);
            switch ($message->err) {
                case RD_KAFKA_RESP_ERR_NO_ERROR:
                    $this->info($message->payload);
                    break 2; // the sample goes on for ever
                case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                    echo "No more messages; will wait for more\n";
                    break;
                case RD_KAFKA_RESP_ERR__TIMED_OUT:
                    $this->info("Timed out");
                    break;
                default:
                    throw new Exception($message->errstr(), $message->err);
                    break;
            }
        }
    }
}

var_dump(kafka($name));
$reports = preg_grep('/^kafka信息/u', Log::$lines);
echo count($reports), " delivery report: ", str_contains(implode($reports), '王建国') ? 'our message' : 'another', "\n";
echo count(preg_grep('/^kafka错误/u', Log::$lines)), " errors\n";
echo preg_grep('/^Kafka \S+: .* \(level: [0-7]\)$/s', Log::$lines) ? "log lines came\n" : "no log lines\n";
(new Command)->consume($name);
?>
--EXPECT--
int(0)
1 delivery report: our message
0 errors
log lines came
Waiting for partition assignment... (make take some time when
quickly re-joining the group after leaving it.)
王建国
