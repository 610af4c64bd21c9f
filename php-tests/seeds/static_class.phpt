--TEST--
Seed: the class of static methods (topic_list, add_msg, get_msg)
--FILE--
<?php
require __DIR__ . '/../_harness.php';
define('TEST_BROKER', test_brokers());
define('TEST_TOPIC', test_topic(1, 'seed'));

class kafka_test
{
    const BROKER = TEST_BROKER;
    const TOPIC_NAME = TEST_TOPIC;

    static public function topic_list()
    {
        echo "\n打开队列所有主题：\n\n";
        $conf = new \RdKafka\Conf();
        // set 的参数列表在此  https://github.com/edenhill/librdkafka/blob/master/CONFIGURATION.md
        $conf->set('log_level', (string)LOG_NOTICE);
        //$conf->set('debug', 'all');
        // 指定服务集地址
        $conf->set('bootstrap.servers', self::BROKER);
        //var_dump($conf->dump());exit;
        // metadata 不能直接实例化，必须使用该类的2个子类来实例化
        $kf = new RdKafka\Producer($conf);
        $md = $kf->getMetadata(true, null, 10e3);
        $result = $md->getTopics();
        var_dump(get_class($result), count($result) > 0);
        foreach ($result as $topic) {
            if ($topic->getTopic() === self::TOPIC_NAME) {
                var_dump($topic);
            }
        }
    }


    static public function add_msg()
    {
        echo "\n添加一些消息\n\n";
        $conf = new \RdKafka\Conf();
        // set 的参数列表在此  https://github.com/edenhill/librdkafka/blob/master/CONFIGURATION.md
        $conf->set('log_level', (string)LOG_NOTICE);
        // 若结果未预期，可以打开这个查看交互详情来解决问题
        // $conf->set('debug', 'all');
        // 注意这个用法是错误的，它是用在消费端
        // $conf->set('bootstrap.servers', self::BROKER);
        // 增加集群，也可以在创建实例后使用addBrokers在运行时创建
        $conf->set('metadata.broker.list', self::BROKER);
        $kf = new RdKafka\Producer($conf);
        // 这是另外一个增加集群的方式
        //$kf->addBrokers(self::BROKER);
        // 选定一个主题，如果不存在会自动创建；当然服务上的设置允许才行；
        $topic = $kf->newTopic(self::TOPIC_NAME);
        // 如果队列满了，行为未明；RD_KAFKA_MSG_F_BLOCK 是阻塞到有位或是超时
        $on_full_undefine = 0;
        $msg = 'msg_' . date_format(date_create(), 'Y-m-d H:i:s u ') . __FILE__;
        $msg_id = uniqid('', true);
        // 内容存放到自动分区中
        $topic->produce(RD_KAFKA_PARTITION_UA, $on_full_undefine, $msg, $msg_id);
        // 发送事件消息，比如使用之类的钩子挂载了处理fun Delivery report callbacks RdKafka\Conf::setDrMsgCb() [producer]
        $kf->poll(0);
        // 等待消息入队成功才退出进程，否则可能会面临消息丢失风险
        $result = $kf->flush(10e3);
        echo '消息入队执行:' . (RD_KAFKA_RESP_ERR_NO_ERROR === $result ? '成功' : '失败');
    }


    static public function get_msg()
    {
        echo "\n获取消息\n\n";
        $conf = new \RdKafka\Conf();
        // set 的参数列表在此  https://github.com/edenhill/librdkafka/blob/master/CONFIGURATION.md
        $conf->set('log_level', (string)LOG_NOTICE);
        $conf->set('metadata.broker.list', self::BROKER);
        $conf->set('enable.partition.eof', 'true'); // so that the test need not time out
        $kf = new RdKafka\Consumer($conf);
        // 这是另外一个增加集群的方式
        //$kf->addBrokers(self::BROKER);
        // 选定一个主题，如果不存在会自动创建；当然服务上的设置允许才行；
        // 它返回 RdKafka\ConsumerTopic
        $topic = $kf->newTopic(self::TOPIC_NAME);
        $partition = 0;
        // 从首个分区首个读起
        $topic->consumeStart($partition, RD_KAFKA_OFFSET_BEGINNING);
        // 读取次数
        $max_read = 10;
        // 读取间歇
        $sleep_sec = 0;
        $partition = 0;
        $read_timeout = 5e3;
        while ($max_read > 0) {
            $msg = $topic->consume($partition, $read_timeout);

            // todo 需要考虑读取超时

            if (null === $msg or $msg->err === RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                echo "可能是没有消息了\n";
                break;
            }


            if ($msg->err) {
                echo "读取出错了,稍候再试：", $msg->errstr(), "\n";
                sleep($sleep_sec);
                continue;
            }

            echo "消息如下,稍候会再读取\n", $msg->payload, "\n";
            sleep($sleep_sec);
        }

    }
}

kafka_test::topic_list();
kafka_test::add_msg();
kafka_test::get_msg();
?>
--EXPECTF--

打开队列所有主题：

string(27) "RdKafka\Metadata\Collection"
bool(true)
object(RdKafka\Metadata\Topic)#%d (3) {
  ["topic"]=>
  string(%d) "seed-%s"
  ["partitions"]=>
  object(RdKafka\Metadata\Collection)#%d (1) {
    [0]=>
    object(RdKafka\Metadata\Partition)#%d (5) {
      ["id"]=>
      int(0)
      ["err"]=>
      int(0)
      ["leader"]=>
      int(%d)
      ["replica_cnt"]=>
      int(1)
      ["isr_cnt"]=>
      int(1)
    }
  }
  ["err"]=>
  int(0)
}

添加一些消息

消息入队执行:成功
获取消息

消息如下,稍候会再读取
msg_%d-%d-%d %d:%d:%d %d %sstatic_class.php
可能是没有消息了
