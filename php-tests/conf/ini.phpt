--TEST--
Settings of php.ini take sensible values only
--FILE--
<?php
foreach (['100', '0', 'soon', '-1', ''] as $value) {
    echo json_encode($value), ' ', ini_set('rdkafka.shutdown_flush_ms', $value) === false ? 'refused' : 'taken', "\n";
}
echo ini_get('rdkafka.shutdown_flush_ms'), "\n";
foreach (['1', 'off', 'Yes', 'auto', 'sometimes'] as $value) {
    echo json_encode($value), ' ', ini_set('rdkafka.log_stderr', $value) === false ? 'refused' : 'taken', "\n";
}
foreach (['0', 'auto', '2'] as $value) {
    echo json_encode($value), ' ', ini_set('rdkafka.finish_request', $value) === false ? 'refused' : 'taken', "\n";
}
--EXPECT--
"100" taken
"0" taken
"soon" refused
"-1" refused
"" refused
0
"1" taken
"off" taken
"Yes" taken
"auto" taken
"sometimes" refused
"0" taken
"auto" taken
"2" refused
