--TEST--
What is given as payload, key and opaque: numbers, booleans, objects with __toString
--FILE--
<?php
require __DIR__ . '/../_harness.php';
class Text
{
    public function __toString(): string
    {
        return 'text';
    }
}
class Thrower
{
    public function __toString(): string
    {
        throw new LogicException('no string today');
    }
}
$producer = test_producer([], function (RdKafka\Message $m): void {
    echo json_encode([$m->payload, $m->key, $m->opaque, $m->len]), "\n";
});
$topic = $producer->newTopic(test_topic());
$topic->produce(0, 0, 1, 2, 3);
$topic->produce(0, 0, 1.5, -0.0, true);
$topic->produce(0, 0, false, '', "\0");
$topic->produce(0, 0, new Text(), new Text(), new Text());
$topic->produce(partition: 0, msgflags: 0, key: 'named');
$topic->producev(0, 0, headers: ['a' => 'b'], msg_opaque: 'named too');
$producer->flush(10000);
test_try(fn () => $topic->produce(0, 0, new Thrower()));
test_try(fn () => $topic->produce(0, 0, []));
test_try(fn () => $topic->produce(0, 0, new stdClass()));
test_try(fn () => $topic->produce(0, 0, nothing: 1));
test_try(fn () => $topic->produce(0));
test_try(fn () => $topic->produce(0, 0, 'a', 'b', 'c', 'd'));
?>
--EXPECT--
["1","2","3",1]
["1.5","-0","1",3]
["","","\u0000",0]
["text","text","text",4]
[null,"named",null,null]
[null,null,"named too",null]
LogicException(0): no string today
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #3 ($payload) must be of type ?string, array given
TypeError(0): RdKafka\ProducerTopic::produce(): Argument #3 ($payload) must be of type ?string, stdClass given
Error(0): Unknown named parameter $nothing
ArgumentCountError(0): RdKafka\ProducerTopic::produce() expects at least 2 arguments, 1 given
ArgumentCountError(0): RdKafka\ProducerTopic::produce() expects at most 5 arguments, 6 given
