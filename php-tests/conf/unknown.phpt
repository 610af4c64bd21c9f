--TEST--
Conf: an unknown property, with a suggestion when the name is nearly right
--FILE--
<?php
foreach ([new RdKafka\Conf(), new RdKafka\TopicConf()] as $conf) {
    foreach (['nothing.of.the.kind', 'boostrap.servers', 'message.timeout', ''] as $name) {
        try {
            $conf->set($name, '1');
        } catch (RdKafka\Exception $e) {
            echo $e->getCode(), ' ', $e->getMessage(), "\n";
        }
    }
}
--EXPECTF--
-2 No such configuration property: "nothing.of.the.kind"
-2 No such configuration property: "boostrap.servers"%S
-2 No such configuration property: "message.timeout"%S
-2 No such configuration property: ""
-2 No such configuration property: "nothing.of.the.kind"
-2 No such configuration property: "boostrap.servers"%S
-2 No such configuration property: "message.timeout"%S
-2 No such configuration property: ""
