--TEST--
Seed: the forking worker's get_task loop, stopped by SIGTERM, and the producer that feeds it headers
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
namespace project\core\includes {
    require __DIR__ . '/../_harness.php';
    class config
    {
        const KAFKA_BROKER = TEST_BROKER;
        const KAFKA_TOPIC_ASYNC_TASK = TEST_TOPIC;
        const KAFKA_TOPIC_ASYNC_TASK_PARTITION = 0;
    }
    define('TEST_BROKER', test_brokers());
    define('TEST_TOPIC', test_topic(1, 'seed'));
}

namespace project\core\includes\classes {

use project\core\includes\config;
use RdKafka\Conf;
use RdKafka\Consumer;
use RdKafka\Producer;

class kafka
{

    // 当前 msg flag  可设置0 与 RD_KAFKA_MSG_F_BLOCK，本常量假设它是 RD_KAFKA_MSG_F_BLOCK 反义
    // 意思是不阻塞等待，直接返回，那就可能意味着直接把消息丢掉？待确认
    const RD_KAFKA_MSG_F_BLOCK_enable = 0;

    //  通过offset，获取指定topic的消息
    static public function async_task_consume_by_offset($offset = 0)
    {
        $conf = new Conf();
        // Emit RD_KAFKA_RESP_ERR__PARTITION_EOF
        // event whenever the consumer reaches the end of a partition.
        $conf->set('enable.partition.eof', 'true');
        // 如果发现kafka有问题，可以打开这个，会得到kafka的互动细节
        // $conf->set('debug', 'all');

        // 自己控制 offset 保存
        $conf->set('enable.auto.offset.store', 'false');
        // 自己提交 offset
        $conf->set('enable.auto.commit', 'false');

        // 本地内存型缓存队列个数
        $conf->set('queued.min.messages', '1');
        $conf->set('metadata.broker.list', config::KAFKA_BROKER);

        // 因为rd kafka关闭的机制比较慢，比如它可能会等待超时才结束，而不是close
        // 然后使用 发送信息的方式让它立刻退出
        $conf->set('internal.termination.signal', SIGIO);
        $consumer = new Consumer($conf);
        $topic = $consumer->newTopic(config::KAFKA_TOPIC_ASYNC_TASK);
        $topic->consumeStart(config::KAFKA_TOPIC_ASYNC_TASK_PARTITION, $offset);

        // 设置得太短，将取不到数据就超时
        $time_out = 120e3;
        $msg = $topic->consume(config::KAFKA_TOPIC_ASYNC_TASK_PARTITION, $time_out);
        $result = null;

        switch ($msg->err) {
            // 成功
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                $result = json_decode($msg->payload, true);
                break;
            // 队列空了
            case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                $result = null;
                break;
        }

        $topic->consumeStop(config::KAFKA_TOPIC_ASYNC_TASK_PARTITION);
        pcntl_sigprocmask(SIG_BLOCK, array(SIGIO));
        unset($topic);
        unset($consumer);
        return $result;
    }

    // 生产消息
    static public function async_task_produce($task_array = [], $php_work_class = self::class)
    {
        if (!class_exists($php_work_class)) {
            echo $php_work_class . ' 不存在';
            return false;
        }

        $php_work_class = preg_replace('/^.*\W/', '', $php_work_class);
        $json_msg = json_encode($task_array, JSON_UNESCAPED_SLASHES);

        $headers = [
            'php_worker' => $php_work_class,
        ];
        $conf = new Conf();
        $conf->set('metadata.broker.list', config::KAFKA_BROKER);
        $producer = new Producer($conf);
        $producer_topic = $producer->newTopic(config::KAFKA_TOPIC_ASYNC_TASK);
        $producer_topic->producev(
            config::KAFKA_TOPIC_ASYNC_TASK_PARTITION,
            self::RD_KAFKA_MSG_F_BLOCK_enable,
            $json_msg,
            null,
            $headers
        );
        // 触发事件
        $producer->poll(0);
        // 从缓存放到broker中
        $result = $producer->flush(10e3);
        // 如果失败，可能该消息失败，也可能成功
        return RD_KAFKA_RESP_ERR_NO_ERROR === $result;
    }
}
}

namespace project\core\cli\run {

use Exception;
use project\core\includes\classes\kafka;
use project\core\includes\config;
use RdKafka\Conf;
use RdKafka\KafkaConsumer;
use RdKafka\TopicPartition;

class fork_php_worker
{
    // 收到退出信号
    private static string $exit_signal = '';
    private KafkaConsumer $consumer;

    public function run()
    {
        // 有信号，立即回调信号处理func（这个执行是异步的）
        pcntl_async_signals(true);
        // 关闭信号
        pcntl_signal(SIGTERM, [$this, 'signal_handler']);
        self::echo_block('start');

        while (true) {
            if (self::$exit_signal) {
                // Close down the KafkaConsumer.
                // This call will block until the consumer has revoked its assignment,
                // calling the rebalance_cb if it is configured, committed offsets to broker,
                // and left the consumer group.
                // The maximum blocking time is roughly limited to session.timeout.ms.
                if (!empty($this->consumer)) {
                    $this->consumer->close();
                    // 通过发信号方式，加快kafka终止；目前这个机制不是很清楚，只是见issues中有提到放进来，暂未细研究
                    pcntl_sigprocmask(SIG_BLOCK, array(SIGIO));
                    // 根据讨论，只有这样，才能触发destroy；暂时也没做实际跟踪测试
                    unset($this->consumer);
                }
                self::echo_block('exit_0_at_while_by_signal_' . self::$exit_signal);
                return;
            }

            // 队列取得一个任务
            $result = $this->get_task();

            if (is_null($result) or false === $result) {
                posix_kill(getmypid(), SIGTERM); // the test's end of the loop
            }

            self::echo_block('next task');
        }
    }

    public function signal_handler($signal_no, $signal_info)
    {
        switch ($signal_no) {
            case SIGTERM:
                self::$exit_signal = "SIGTERM";
                break;
            default:
                break;
        }
        if (self::$exit_signal) {
            self::echo_block('get ' . self::$exit_signal . ',wait for quit ...');
        }
    }

    private function fork_process($php_worker = '', $offset = 0)
    {
        self::echo_block("fork $php_worker at $offset");
    }

    private static function echo_block(string $line): void { echo $line, "\n"; }

    private function get_task()
    {
        if (empty($this->consumer)) {
            $conf = new Conf();
            // 保证重启也能保持原offset
            $conf->set('group.id', fork_php_worker::class . getmypid());
            // Emit RD_KAFKA_RESP_ERR__PARTITION_EOF
            // event whenever the consumer reaches the end of a partition.
            $conf->set('enable.partition.eof', 'true');
            // 如果发现kafka有问题，可以打开这个，会得到kafka的互动细节
            // $conf->set('debug', 'all');

            // 自己控制 offset 保存
            $conf->set('enable.auto.offset.store', 'false');
            // 自己提交 offset
            $conf->set('enable.auto.commit', 'false');

            // 本地内存型缓存队列个数，这个缓冲意义就是它会提前主动提取远程数据到本地，你的消费进程就能随时从这个池子中拿
            //  不用考虑tcp耗时，因为队列是不支持修改与删除，就不用担心近/远不同步问题了
            $conf->set('queued.min.messages', '1000');
            // 服务器地址
            $conf->set('metadata.broker.list', config::KAFKA_BROKER);
            // offset未设定，或是超过了怎么处理:使用0
            $conf->set('auto.offset.reset', 'smallest');

            $conf->set('internal.termination.signal', SIGIO);

            // 如果提交offset时会触发，方便监听该事件产生时机
            $conf->setOffsetCommitCb([$this, 'offset_commit_cb']);
            $this->consumer = new KafkaConsumer($conf);

            $this->consumer->assign(
                [
                    new TopicPartition(
                        config::KAFKA_TOPIC_ASYNC_TASK,
                        // 为防止多分区乱序，当前生产只能指定固定的分区0
                        config::KAFKA_TOPIC_ASYNC_TASK_PARTITION,
                        // 最后退出时保存的指针，从这个位置开始消费
                        RD_KAFKA_OFFSET_STORED
                    )
                ]
            );
        }

        // 设置得太短，将取不到数据就超时;注意当队列为空时，它会阻塞到有或是超时
        // 所以设定需要权衡，比如阻塞太久，会导致kill信号超时被干掉
        $time_out = 60e3;
        $msg = $this->consumer->consume($time_out);

        switch ($msg->err) {
            // 成功
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                // 立刻保存offset
                // offset 管理只支持高级消费方式，低级的应该是不支持，用当前消息offset保存
                // 这个是阻塞直到提交成功或是失败
                $this->consumer->commit($msg);
                break;
            // 队列空了
            case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                self::echo_block('task_empty');
                return null;
            // 超时，这几个常量，有在php rdkafka中看到可能不同版本行为会变化，请留意
            case RD_KAFKA_RESP_ERR__TIMED_OUT:
                self::echo_block('task_timeout');
                return false;
            default:
                throw new Exception($msg->errstr(), $msg->err);
        }

        $task_header = $msg->headers;
        $this->fork_process($task_header['php_worker'], $msg->offset);
        return true;
    }

    public function offset_commit_cb($kafka, $err, $partitions)
    {
        // 如果offset 提交失败是否要处理？
        //var_dump('offset_commit_cb', $kafka, $err, $partitions);
    }
}

var_dump(kafka::async_task_produce(['task' => 1]));
var_dump(kafka::async_task_produce(['task' => 2], fork_php_worker::class));
(new fork_php_worker)->run();
// a restarted worker goes on where the first one stopped: there is nothing left
(function (): void { self::$exit_signal = ''; })->bindTo(null, fork_php_worker::class)();
var_dump(kafka::async_task_produce(['task' => 3]));
(new fork_php_worker)->run();
var_dump(kafka::async_task_consume_by_offset(1));
}
?>
--EXPECT--
bool(true)
bool(true)
start
fork kafka at 0
next task
fork fork_php_worker at 1
next task
task_empty
get SIGTERM,wait for quit ...
next task
exit_0_at_while_by_signal_SIGTERM
bool(true)
start
fork kafka at 2
next task
task_empty
get SIGTERM,wait for quit ...
next task
exit_0_at_while_by_signal_SIGTERM
array(1) {
  ["task"]=>
  int(2)
}
