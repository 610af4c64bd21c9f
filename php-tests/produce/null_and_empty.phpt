--TEST--
null and the empty string stay apart in payload and key
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$producer = test_producer();
$handle = $producer->newTopic($topic);
foreach ([null, '', '0', 'x'] as $payload) {
    foreach ([null, '', '0', 'k'] as $key) {
        $handle->produce(0, 0, $payload, $key);
        $handle->producev(0, 0, $payload, $key);
    }
}
$producer->flush(10000);
foreach (test_messages($topic, 32) as $m) {
    echo $m->offset, ' ', json_encode([$m->payload, $m->len, $m->key, $m->key === null || is_string($m->key)]), "\n";
}
?>
--EXPECT--
0 [null,null,null,true]
1 [null,null,null,true]
2 [null,null,"",true]
3 [null,null,"",true]
4 [null,null,"0",true]
5 [null,null,"0",true]
6 [null,null,"k",true]
7 [null,null,"k",true]
8 ["",0,null,true]
9 ["",0,null,true]
10 ["",0,"",true]
11 ["",0,"",true]
12 ["",0,"0",true]
13 ["",0,"0",true]
14 ["",0,"k",true]
15 ["",0,"k",true]
16 ["0",1,null,true]
17 ["0",1,null,true]
18 ["0",1,"",true]
19 ["0",1,"",true]
20 ["0",1,"0",true]
21 ["0",1,"0",true]
22 ["0",1,"k",true]
23 ["0",1,"k",true]
24 ["x",1,null,true]
25 ["x",1,null,true]
26 ["x",1,"",true]
27 ["x",1,"",true]
28 ["x",1,"0",true]
29 ["x",1,"0",true]
30 ["x",1,"k",true]
31 ["x",1,"k",true]
