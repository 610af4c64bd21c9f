--TEST--
Seed: the producer sample with delivery report and error callbacks, acks 0 and no flush
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic(2, 'seed');
chdir(test_folder());

$conf = new RdKafka\Conf();
#正确回调
$conf->setDrMsgCb(function ($kafka, $message) {
    file_put_contents("./dr_cb.log", var_export($message, true).PHP_EOL, FILE_APPEND);
});
#错误回调
$conf->setErrorCb(function ($kafka, $err, $reason) {
    file_put_contents("./err_cb.log", sprintf("Kafka error: %s (reason: %s)", rd_kafka_err2str($err), $reason).PHP_EOL, FILE_APPEND);
});

$rk = new RdKafka\Producer($conf);
$rk->setLogLevel(LOG_DEBUG);
$rk->addBrokers(test_brokers());

$cf = new RdKafka\TopicConf();
// -1必须等所有brokers同步完成的确认 1当前服务器确认 0不确认，这里如果是0回调里的offset无返回，如果是1和-1会返回offset
$cf->set('request.required.acks', 0);
$topic = $rk->newTopic($name, $cf);
#填写消息key
$option = 'qkl';
for ($i = 0; $i < 20; $i++) {
    //RD_KAFKA_PARTITION_UA自动选择分区，可以直接填写partition编号
    //$option可选
    $topic->produce(RD_KAFKA_PARTITION_UA, 0, "qkl . $i", $option);
}

// the sample ends here; what it wrote is looked at from outside
var_dump($rk->getOutQLen());
var_dump($rk->flush(10000) === RD_KAFKA_RESP_ERR_NO_ERROR, $rk->getOutQLen());
$log = file_get_contents('dr_cb.log');
echo substr_count($log, 'RdKafka\Message::__set_state'), " reports\n";
echo preg_replace('/[0-9]{13}/', 'MILLISECONDS', explode("\n))", $log)[0]), "\n";
var_dump(file_exists('err_cb.log'));
?>
--EXPECTF--
%ADeprecated: Method RdKafka::setLogLevel() is deprecated in %s on line %d
int(20)
bool(true)
int(0)
20 reports
%ARdKafka\Message::__set_state(array(
   'err' => 0,
   'topic_name' => 'seed-%s',
   'timestamp' => MILLISECONDS,
   'partition' => %d,
   'payload' => 'qkl . 0',
   'len' => 7,
   'key' => 'qkl',
   'offset' => -1001,
   'headers' => 
  array (
  ),
   'opaque' => NULL,
bool(false)
