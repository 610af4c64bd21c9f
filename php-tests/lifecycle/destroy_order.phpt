--TEST--
Objects may be freed in any order
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$name = test_topic();
$orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [0, 2, 1, 3], [3, 0, 2, 1]];
foreach ($orders as $order) {
    $conf = test_conf();
    $conf->setDrMsgCb(function (): void {
    });
    $producer = new RdKafka\Producer($conf);
    $topic = $producer->newTopic($name);
    $topic->produce(0, 0, 'x');
    $metadata = $producer->getMetadata(false, $topic, 5000);
    $objects = [$conf, $producer, $topic, $metadata->getTopics()->current()];
    unset($conf, $producer, $topic, $metadata);
    foreach ($order as $index) {
        $objects[$index] = null;
        if ($objects[3] !== null) {
            $objects[3]->getTopic() === $name or print("wrong\n");
        }
        if ($objects[2] !== null) {
            $objects[2]->getName() === $name or print("wrong\n");
        }
    }
}
echo "done\n";
--EXPECT--
done
