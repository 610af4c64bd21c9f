--TEST--
produce() and producev(): arguments
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', test_brokers());
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic(test_name());
function attempt(callable $try): void
{
    try {
        var_dump($try());
    } catch (Throwable $e) {
        echo get_class($e), ' ', $e->getCode(), ': ', $e->getMessage(), "\n";
    }
}
foreach (['produce', 'producev'] as $method) {
    attempt(fn () => $topic->$method());
    attempt(fn () => $topic->$method(0));
    attempt(fn () => $topic->$method(-2, 0, 'x'));
    attempt(fn () => $topic->$method(0x80000000, 0, 'x'));
    attempt(fn () => $topic->$method(0, 1, 'x'));
    attempt(fn () => $topic->$method(0, RD_KAFKA_MSG_F_BLOCK, 'x'));
    attempt(fn () => $topic->$method('0', '0', 5, 6));
    attempt(fn () => $topic->$method(0, 0, []));
    attempt(fn () => $topic->$method(0, 0, str_repeat('x', 2000000)));
    attempt(fn () => $topic->$method(0, 0, 'x', str_repeat('x', 2000000)));
    attempt(fn () => $topic->$method(payload: 'named', partition: 0, msgflags: 0));
}
attempt(fn () => $topic->producev(0, 0, 'x', null, 'headers'));
attempt(fn () => $topic->producev(0, 0, 'x', null, ['a' => 1, 'b' => null, 'c' => 1.5, 'd' => true]));
attempt(fn () => $topic->producev(0, 0, 'x', null, ['a' => new stdClass()]));
attempt(fn () => $topic->producev(0, 0, 'x', null, null, 'time'));
attempt(fn () => $producer->flush(10000));
echo $topic->getName() !== '' ? "named\n" : "nameless\n";
--EXPECT--
ArgumentCountError 0: RdKafka\ProducerTopic::produce() expects at least 2 arguments, 0 given
ArgumentCountError 0: RdKafka\ProducerTopic::produce() expects at least 2 arguments, 1 given
InvalidArgumentException 0: Out of range value '-2' for $partition
InvalidArgumentException 0: Out of range value '2147483648' for $partition
InvalidArgumentException 0: Invalid value '1' for $msgflags
NULL
NULL
TypeError 0: RdKafka\ProducerTopic::produce(): Argument #3 ($payload) must be of type ?string, array given
RdKafka\Exception 10: Broker: Message size too large
RdKafka\Exception 10: Broker: Message size too large
NULL
ArgumentCountError 0: RdKafka\ProducerTopic::producev() expects at least 2 arguments, 0 given
ArgumentCountError 0: RdKafka\ProducerTopic::producev() expects at least 2 arguments, 1 given
InvalidArgumentException 0: Out of range value '-2' for $partition
InvalidArgumentException 0: Out of range value '2147483648' for $partition
InvalidArgumentException 0: Invalid value '1' for $msgflags
NULL
NULL
TypeError 0: RdKafka\ProducerTopic::producev(): Argument #3 ($payload) must be of type ?string, array given
RdKafka\Exception 10: Broker: Message size too large
RdKafka\Exception 10: Broker: Message size too large
NULL
TypeError 0: RdKafka\ProducerTopic::producev(): Argument #5 ($headers) must be of type ?array, string given
NULL
Error 0: Object of class stdClass could not be converted to string
TypeError 0: RdKafka\ProducerTopic::producev(): Argument #6 ($timestamp_ms) must be of type ?int, string given
int(0)
named
