--TEST--
Header values that are not strings are converted as PHP does
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Text
{
    public function __toString(): string
    {
        return 'object';
    }
}
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
$headers = ['int' => 42, 'negative' => -7, 'float' => 1.5, 'true' => true, 'false' => false, 'null' => null, 'object' => new Text()];
$handle->producev(0, 0, 'x', null, $headers);
$producer->flush(10000);
foreach (test_messages($topic, 1)[0]->headers as $name => $value) {
    echo $name, ' ', var_export($value, true), "\n";
}
?>
--EXPECT--
int '42'
negative '-7'
float '1.5'
true '1'
false ''
null ''
object 'object'
