--TEST--
rd_kafka_get_err_descs() agrees with rd_kafka_err2name(), rd_kafka_err2str() and the constants
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$descs = rd_kafka_get_err_descs();
$wrong = [];
foreach ($descs as $i => $desc) {
    if (array_keys($desc) !== ['code', 'name', 'desc']) {
        $wrong[] = "$i keys";
    }
    if ($desc['name'] === null) {
        continue;
    }
    if ($desc['desc'] !== null && rd_kafka_err2str($desc['code']) !== $desc['desc'] && rd_kafka_err2name($desc['code']) !== $desc['name']) {
        $wrong[] = $desc['name'];
    }
    if (!defined("RD_KAFKA_RESP_ERR_$desc[name]") || constant("RD_KAFKA_RESP_ERR_$desc[name]") !== $desc['code']) {
        $wrong[] = "constant $desc[name]";
    }
}
var_dump(array_is_list($descs), count($descs), $wrong);
echo json_encode([$descs[0], $descs[1], end($descs)]), "\n";
echo count(array_filter($descs, fn ($d) => $d['code'] === 0)), "\n";
?>
--EXPECT--
bool(true)
int(190)
array(0) {
}
[{"code":-200,"name":"_BEGIN","desc":null},{"code":-199,"name":"_BAD_MSG","desc":"Local: Bad message format"},{"code":133,"name":"SHARE_SESSION_LIMIT_REACHED","desc":"Broker: The limit of share sessions has been reached"}]
1
