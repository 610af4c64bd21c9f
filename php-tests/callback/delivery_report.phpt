--TEST--
Delivery reports: one per message, in order, with everything that was produced
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$reports = [];
$conf->setDrMsgCb(function (RdKafka\Producer $kafka, RdKafka\Message $message) use (&$reports): void {
    $reports[] = [$kafka, $message];
});
$producer = new RdKafka\Producer($conf);
$name = test_name();
$topic = $producer->newTopic($name);
$topic->produce(0, 0, 'payload', 'key', 'opaque');
$topic->produce(0, 0, null, 'key');
$topic->produce(0, 0, '', '');
$topic->produce(0, 0);
$topic->producev(0, 0, "bin\0ary", null, ['h' => 'v', 'n' => 1, 'e' => ''], 1234567890123, 'other');
var_dump($producer->getOutQLen() >= 5, $producer->flush(10000), $producer->getOutQLen());
foreach ($reports as [$kafka, $message]) {
    var_dump($kafka === $producer, $message->topic_name === $name);
    echo json_encode([$message->err, $message->partition, $message->payload, $message->len, $message->key,
        $message->offset, $message->headers, $message->opaque]), "\n";
}
--EXPECT--
bool(true)
int(0)
int(0)
bool(true)
bool(true)
[0,0,"payload",7,"key",0,[],"opaque"]
bool(true)
bool(true)
[0,0,null,null,"key",1,[],null]
bool(true)
bool(true)
[0,0,"",0,"",2,[],null]
bool(true)
bool(true)
[0,0,null,null,null,3,[],null]
bool(true)
bool(true)
[0,0,"bin\u0000ary",7,null,4,{"h":"v","n":"1","e":""},"other"]
