--TEST--
newTopic() returns null for a name over 512 bytes or a configuration that contradicts itself
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach ([test_producer(), new RdKafka\Consumer(test_conf()), test_consumer()] as $client) {
    var_dump($client->newTopic('')->getName());
    var_dump(strlen($client->newTopic(str_repeat('x', 512))->getName()));
    var_dump($client->newTopic(str_repeat('x', 513)));
}
$conf = new RdKafka\TopicConf();
$conf->set('message.timeout.ms', '1000');
var_dump(test_producer(['linger.ms' => 5000])->newTopic('x', $conf));
?>
--EXPECT--
string(0) ""
int(512)
NULL
string(0) ""
int(512)
NULL
string(0) ""
int(512)
NULL
NULL
