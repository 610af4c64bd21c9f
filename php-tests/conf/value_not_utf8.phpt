--TEST--
A value that is not UTF-8 is refused, not changed
--FILE--
<?php
$conf = new RdKafka\Conf();
try {
    $conf->set('sasl.password', "se\xffcret");
} catch (RdKafka\Exception $e) {
    echo $e->getCode(), ' ', $e->getMessage(), "\n";
}
$conf->set('client.id', "gr\u{fc}n\0 and what follows a NUL");
echo $conf->dump()['client.id'], "\n";
$topicConf = new RdKafka\TopicConf();
try {
    $topicConf->set('partitioner', "\xfe");
} catch (RdKafka\Exception $e) {
    echo $e->getCode(), ' ', $e->getMessage(), "\n";
}
?>
--EXPECT--
-1 Invalid value for configuration property "sasl.password": not UTF-8
grün
-1 Invalid value for configuration property "partitioner": not UTF-8
