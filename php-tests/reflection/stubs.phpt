--TEST--
The stubs load without the extension, say what the extension is, and leave nothing without a comment
--FILE--
<?php
// In a process without the extension: what the stubs declare, one line each; with !! before what has no comment.
$reader = <<<'PHP'
<?php
$files = glob($argv[1] . '/*.stub.php');
usort($files, function ($a, $b) {
    $rank = fn ($f) => match (basename($f)) { 'RdKafka.stub.php', 'Topic.stub.php', 'Exception.stub.php' => 0, default => 1 };
    return $rank($a) <=> $rank($b);
});
$classes = get_declared_classes();
foreach ($files as $file) {
    require $file;
}
$describe = function (ReflectionFunctionAbstract $f): string {
    $parameters = array_map(fn ($p) => $p->getType() . ($p->isPassedByReference() ? ' &' : ' ') . $p->getName()
        . ($p->isDefaultValueAvailable() ? '=' . json_encode($p->getDefaultValue()) : ''), $f->getParameters());
    return $f->getName() . '(' . implode(', ', $parameters) . ')';
};
foreach (array_diff(get_declared_classes(), $classes) as $name) {
    $class = new ReflectionClass($name);
    echo $name, $class->getParentClass() ? ' ' . $class->getParentClass()->getName() : '', "\n";
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->getName() === $name) {
            echo $method->getDocComment() === false ? '!! ' : '', "$name: ", $describe($method), "\n";
        }
    }
    foreach ($class->getProperties() as $property) {
        if ($property->getDocComment() === false && $property->getDeclaringClass()->getName() === $name) {
            echo "!! $name: \${$property->getName()}\n";
        }
    }
}
foreach (get_defined_functions()['user'] as $function) {
    if (str_starts_with($function, 'rd_kafka')) {
        $function = new ReflectionFunction($function);
        echo $function->getDocComment() === false ? '!! ' : '', $describe($function), "\n";
    }
}
foreach (get_defined_constants(true)['user'] as $name => $value) {
    echo "$name=$value\n";
}
preg_match_all('~(\*/\s*)?^const (\w+)~m', file_get_contents($argv[1] . '/constants.stub.php'), $m, PREG_SET_ORDER);
foreach ($m as [, $comment, $name]) {
    echo $comment === '' ? "!! $name\n" : '';
}
PHP;
$file = tempnam(sys_get_temp_dir(), 'rdkafka-stubs');
file_put_contents($file, $reader);
$stubs = realpath(__DIR__ . '/../../stubs');
exec(escapeshellarg(PHP_BINARY) . ' -n ' . escapeshellarg($file) . ' ' . escapeshellarg($stubs) . ' 2>&1', $lines);
unlink($file);
$describe = function (ReflectionFunctionAbstract $f): string {
    $parameters = array_map(fn ($p) => $p->getType() . ($p->isPassedByReference() ? ' &' : ' ') . $p->getName()
        . ($p->isDefaultValueAvailable() ? '=' . json_encode($p->getDefaultValue()) : ''), $f->getParameters());
    return $f->getName() . '(' . implode(', ', $parameters) . ')';
};
$extension = new ReflectionExtension('rdkafka');
$real = [];
foreach ($extension->getClasses() as $name => $class) {
    $real[] = $name . ($class->getParentClass() ? ' ' . $class->getParentClass()->getName() : '');
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->getName() === $name) {
            $real[] = "$name: " . $describe($method);
        }
    }
}
foreach ($extension->getFunctions() as $function) {
    $real[] = $describe($function);
}
foreach ($extension->getConstants() as $name => $value) {
    $real[] = "$name=$value";
}
echo count($lines) > 300 ? 'read' : implode("\n", $lines), "\n";
foreach (array_diff($lines, $real) as $line) {
    echo "only in the stubs: $line\n";
}
foreach (array_diff($real, $lines) as $line) {
    echo "not in the stubs: $line\n";
}
?>
--EXPECT--
read
