<?php
/**
 * Everything a script can see of the loaded extension, one fact per line, in a stable order.
 *
 *   php -d extension=rdkafka.so php-tests/_reflect.php > php-tests/reflection/api.txt
 *
 * php-tests/reflection/api.txt was made with php-rdkafka 6.0.4 on librdkafka 2.15.
 */

declare(strict_types=1);

function reflect_type(?ReflectionType $type): string
{
    if ($type instanceof ReflectionUnionType) {
        $names = array_map(strval(...), $type->getTypes());
        sort($names);
        return implode('|', $names);
    }
    return (string) $type;
}

function reflect_parameter(ReflectionParameter $parameter): string
{
    $text = reflect_type($parameter->getType()) . ' ' . ($parameter->isPassedByReference() ? '&' : '')
        . ($parameter->isVariadic() ? '...' : '') . '$' . $parameter->getName();
    if ($parameter->isDefaultValueAvailable()) {
        $text .= ' = ' . json_encode($parameter->getDefaultValue());
    } elseif ($parameter->isOptional()) {
        $text .= ' = ?';
    }
    return ltrim($text);
}

function reflect_callable(ReflectionFunctionAbstract $function): string
{
    $parameters = implode(', ', array_map(reflect_parameter(...), $function->getParameters()));
    $text = "{$function->getName()}($parameters)";
    if ($function->hasReturnType()) {
        $text .= ': ' . reflect_type($function->getReturnType());
    } elseif ($function->hasTentativeReturnType()) {
        $text .= ': tentatively ' . reflect_type($function->getTentativeReturnType());
    }
    $required = $function->getNumberOfRequiredParameters();
    return $text . " [$required required]" . ($function->isDeprecated() ? ' deprecated' : '');
}

/** @return list<string> */
function reflect_class(ReflectionClass $class): array
{
    $name = $class->getName();
    $parent = $class->getParentClass();
    $head = implode(' ', Reflection::getModifierNames($class->getModifiers())) . " class $name";
    $head .= $parent ? ' extends ' . $parent->getName() : '';
    $interfaces = $class->getInterfaceNames();
    sort($interfaces);
    $head .= $interfaces ? ' implements ' . implode(', ', $interfaces) : '';
    $lines = [ltrim($head) . ($class->isCloneable() ? ' cloneable' : '')];
    foreach ($class->getConstants() as $constant => $value) {
        $lines[] = "$name: const $constant = " . json_encode($value);
    }
    foreach ($class->getProperties() as $slot => $property) {
        if ($property->getDeclaringClass()->getName() === $name) {
            $lines[] = "$name: property $slot: "
                . implode(' ', Reflection::getModifierNames($property->getModifiers()))
                . ' ' . reflect_type($property->getType()) . " \${$property->getName()}"
                . ($property->hasDefaultValue() ? ' = ' . json_encode($property->getDefaultValue()) : '');
        }
    }
    $methods = [];
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->getName() === $name) {
            $modifiers = implode(' ', Reflection::getModifierNames($method->getModifiers()));
            $methods[] = "$name: $modifiers " . reflect_callable($method);
        }
    }
    sort($methods);
    return [...$lines, ...$methods];
}

/** @return list<string> */
function reflect_dump(string $class): array
{
    $lines = [];
    foreach ((new $class())->dump() as $name => $value) {
        // What is built in differs from build to build, addresses from run to run.
        if ($name !== 'builtin.features') {
            $value = str_starts_with($value, '0x') ? 'an address' : $value;
            $lines[] = "$class: " . json_encode($name, JSON_UNESCAPED_SLASHES) . ' = '
                . json_encode($value, JSON_UNESCAPED_SLASHES);
        }
    }
    return $lines;
}

/** @return list<string> */
function reflect_extension(): array
{
    $extension = new ReflectionExtension('rdkafka');
    $lines = ['extension rdkafka ' . $extension->getVersion()];
    $classes = $extension->getClasses();
    ksort($classes);
    foreach ($classes as $class) {
        $lines = [...$lines, ...reflect_class($class)];
    }
    foreach ($extension->getFunctions() as $function) {
        $lines[] = 'function ' . reflect_callable($function);
    }
    foreach ($extension->getConstants() as $name => $value) {
        $lines[] = "const $name = " . json_encode($value);
    }
    foreach (rd_kafka_get_err_descs() as $row) {
        $lines[] = 'error ' . json_encode($row, JSON_UNESCAPED_SLASHES);
    }
    return [...$lines, ...reflect_dump('RdKafka\Conf'), ...reflect_dump('RdKafka\TopicConf')];
}

if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    echo implode("\n", reflect_extension()), "\n";
}
