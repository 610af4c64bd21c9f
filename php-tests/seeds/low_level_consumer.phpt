--TEST--
Seed: the low-level consumer sample reads a partition from its beginning
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(1, 'seed');
test_produce($name, ['i am a new msg !', ['payload' => 'i am a good msg ?', 'key' => 'qkl']]);
chdir(test_folder());

$conf = new RdKafka\Conf();
#正确回调
$conf->setDrMsgCb(function ($kafka, $message) {
    file_put_contents("./c_dr_cb.log", var_export($message, true), FILE_APPEND);
});
#错误回调
$conf->setErrorCb(function ($kafka, $err, $reason) {
    file_put_contents("./err_cb.log", sprintf("Kafka error: %s (reason: %s)", rd_kafka_err2str($err), $reason).PHP_EOL, FILE_APPEND);
});

//设置消费组
$conf->set('group.id', test_name('myConsumerGroup'));
$conf->set('enable.partition.eof', 'true');

$rk = new RdKafka\Consumer($conf);
$rk->addBrokers(test_brokers());

$topicConf = new RdKafka\TopicConf();
$topicConf->set('request.required.acks', 1);
//在interval.ms的时间内自动提交确认
//$topicConf->set('auto.commit.enable', 1);
//$topicConf->set('auto.commit.interval.ms', 100);
$topicConf->set('auto.commit.enable', 0);

// 设置offset的存储为broker
 $topicConf->set('offset.store.method', 'broker');

//smallest：简单理解为从头开始消费，其实等价于上面的 earliest
//largest：简单理解为从最新的开始消费，其实等价于上面的 latest
//$topicConf->set('auto.offset.reset', 'smallest');

$topic = $rk->newTopic($name, $topicConf);

// 参数1消费分区0
// RD_KAFKA_OFFSET_BEGINNING 重头开始消费
// RD_KAFKA_OFFSET_STORED 最后一条消费的offset记录开始消费
// RD_KAFKA_OFFSET_END 最后一条消费
$topic->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
//$topic->consumeStart(0, RD_KAFKA_OFFSET_END); //
//$topic->consumeStart(0, RD_KAFKA_OFFSET_STORED);

while (true) {
    //参数1表示消费分区，这里是分区0
    //参数2表示同步阻塞多久
    $message = $topic->consume(0, 12 * 1000);
    if (is_null($message)) {
        sleep(1);
        echo "No more messages\n";
        continue;
    }
    switch ($message->err) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            var_dump($message);
            break;
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            echo "No more messages; will wait for more\n";
            break 2; // the sample goes on for ever
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
            echo "Timed out\n";
            break;
        default:
            throw new \Exception($message->errstr(), $message->err);
            break;
    }
}
var_dump(file_exists('err_cb.log'), file_exists('c_dr_cb.log'));
?>
--EXPECTF--
%Aobject(RdKafka\Message)#%d (%d) {
  ["err"]=>
  int(0)
  ["topic_name"]=>
  string(%d) "seed-%s"
  ["timestamp"]=>
  int(%d)
  ["partition"]=>
  int(0)
  ["payload"]=>
  string(16) "i am a new msg !"
  ["len"]=>
  int(16)
  ["key"]=>
  NULL
  ["offset"]=>
  int(0)
  ["headers"]=>
  array(0) {
  }
  ["opaque"]=>
  NULL
}
object(RdKafka\Message)#%d (%d) {
  ["err"]=>
  int(0)
  ["topic_name"]=>
  string(%d) "seed-%s"
  ["timestamp"]=>
  int(%d)
  ["partition"]=>
  int(0)
  ["payload"]=>
  string(17) "i am a good msg ?"
  ["len"]=>
  int(17)
  ["key"]=>
  string(3) "qkl"
  ["offset"]=>
  int(1)
  ["headers"]=>
  array(0) {
  }
  ["opaque"]=>
  NULL
}
No more messages; will wait for more
bool(false)
bool(false)
