--TEST--
Every method and function of the API is called by at least one test of its own kind
--FILE--
<?php
// Private constructors are lifecycle/private_constructors.phpt's. The names come from the list that php-rdkafka itself gave; how an object of a class comes to a test, from the words there.
$made = [
    'RdKafka\Conf' => 'Conf\(|test_conf\(',
    'RdKafka\TopicConf' => 'TopicConf\(',
    'RdKafka\KafkaConsumer' => 'KafkaConsumer\(|test_consumer\(',
    'RdKafka\KafkaConsumerTopic' => 'test_consumer\(|KafkaConsumer\(',
    'RdKafka\Consumer' => 'RdKafka\\\\Consumer\(',
    'RdKafka\ConsumerTopic' => 'RdKafka\\\\Consumer\(',
    'RdKafka\Queue' => 'newQueue\(',
    'RdKafka\Producer' => 'Producer\(|test_producer\(',
    'RdKafka\ProducerTopic' => 'newTopic\(',
    'RdKafka\TopicPartition' => 'TopicPartition\(|test_partitions\(',
    'RdKafka\Message' => 'Message|consume\(|test_messages\(|setDrMsgCb\(',
    'RdKafka\KafkaErrorException' => 'KafkaErrorException',
];
$texts = [];
foreach (glob(__DIR__ . '/../*/*.phpt') as $file) {
    if (basename(dirname($file)) !== 'errors') { // those call with wrong arguments only
        $texts[$file] = explode("\n--EXPECT", file_get_contents($file))[0];
    }
}
$untested = [];
$count = 0;
foreach (file(__DIR__ . '/api.txt', FILE_IGNORE_NEW_LINES) as $line) {
    if (preg_match('/^(RdKafka[\w\\\\]*): (?:(?:public|static|abstract|final) )+(\w+)\(/', $line, $m)) {
        [, $class, $method] = $m;
        $pattern = $method === '__construct' ? '/' . preg_quote($class) . '\b/' : "/(->|::)$method\\(/";
        $kind = '/' . ($made[$class] ?? '') . '/';
    } elseif (preg_match('/^function (\w+)\(/', $line, $m)) {
        [$class, $method] = ['function', $m[1]];
        [$pattern, $kind] = ["/\\b$method\\(|'$method'/", '//'];
    } else {
        continue;
    }
    $count++;
    $calls = array_filter($texts, fn ($text) => preg_match($pattern, $text) === 1 && preg_match($kind, $text) === 1);
    if ($calls === []) {
        $untested[] = "$class::$method";
    }
}
echo $count >= 100 ? 'all methods' : "only $count methods", " looked at\n";
echo implode("\n", $untested), "\n";
?>
--EXPECT--
all methods looked at

