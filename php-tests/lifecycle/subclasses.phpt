--TEST--
Subclasses: constructors, return types, properties
--FILE--
<?php
class MyConf extends RdKafka\Conf
{
    public array $seen = [];

    public function __construct(bool $callParent)
    {
        if ($callParent) {
            parent::__construct();
        }
    }

    public function set(string $name, string $value): void
    {
        $this->seen[] = $name;
        parent::set($name, $value);
    }
}
class MyMessage extends RdKafka\Message
{
    public string $mine = 'm';
}
class MyException extends RdKafka\Exception
{
}
$conf = new MyConf(true);
$conf->set('client.id', 'me');
var_dump($conf->seen, $conf->dump()['client.id']);
try {
    (new MyConf(false))->dump();
} catch (Exception $e) {
    echo $e->getMessage(), "\n";
}
var_dump(new MyMessage());
try {
    throw new MyException('text', 5);
} catch (RdKafka\Exception $e) {
    var_dump($e->getMessage(), $e->getCode());
}
--EXPECT--
array(1) {
  [0]=>
  string(9) "client.id"
}
string(2) "me"
RdKafka\Conf::__construct() has not been called
object(MyMessage)#2 (7) {
  ["err"]=>
  uninitialized(int)
  ["topic_name"]=>
  NULL
  ["timestamp"]=>
  NULL
  ["partition"]=>
  uninitialized(int)
  ["payload"]=>
  NULL
  ["len"]=>
  NULL
  ["key"]=>
  NULL
  ["offset"]=>
  uninitialized(int)
  ["headers"]=>
  uninitialized(array)
  ["opaque"]=>
  NULL
  ["mine"]=>
  string(1) "m"
}
string(4) "text"
int(5)
