<?php
/** Appended to each script of the leak run: lets go of what is left, cycles too, which the engine itself leaves to its allocator. */
foreach (array_keys(get_defined_vars()) as $name) {
    unset($GLOBALS[$name]);
}
unset($name);
gc_collect_cycles();
