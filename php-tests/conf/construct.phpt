--TEST--
Conf and TopicConf: constructors, clone, serialize
--FILE--
<?php
foreach (['RdKafka\Conf', 'RdKafka\TopicConf'] as $class) {
    $conf = new $class();
    $conf->set('acks', '1');
    $conf->__construct();
    var_dump($conf->dump()['request.required.acks'] ?? null);
    try {
        clone $conf;
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
    try {
        new $class(1);
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
    var_dump($conf);
    echo serialize($conf), "\n";
}
--EXPECT--
NULL
Trying to clone an uncloneable object of class RdKafka\Conf
ArgumentCountError: RdKafka\Conf::__construct() expects exactly 0 arguments, 1 given
object(RdKafka\Conf)#1 (0) {
}
O:12:"RdKafka\Conf":0:{}
string(2) "-1"
Trying to clone an uncloneable object of class RdKafka\TopicConf
ArgumentCountError: RdKafka\TopicConf::__construct() expects exactly 0 arguments, 1 given
object(RdKafka\TopicConf)#2 (0) {
}
O:17:"RdKafka\TopicConf":0:{}
