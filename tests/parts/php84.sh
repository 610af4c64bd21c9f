# shellcheck shell=bash disable=SC2154
# part: -- php84
# help: (by name only, as root, about 5 minutes) PHP scripts and web servers under PHP 8.4, in a chroot
# help: of Debian trixie that it makes under target/

test_php84() {
    local chroot=$ROOT/target/php84 tools=$ROOT/target/php84.tools
    [ "$(id -u)" = 0 ] || fail 'php84 needs root, for chroot'
    build
    need debootstrap command -v debootstrap
    install_missing
    if [ ! -x "$chroot/usr/bin/php-cgi8.4" ]; then
        say 'Debian trixie in a chroot'
        rm -rf "$chroot"
        debootstrap --variant=minbase \
            --include=php8.4-cli,php8.4-dev,php8.4-fpm,php8.4-cgi,php8.4-opcache \
            trixie "$chroot" >"$TARGET/debootstrap.log"
    fi
    php84_tools "$chroot" "$tools"
    say 'building rdkafka.so for PHP 8.4'
    PHP=$tools/php PHP_CONFIG=$tools/php-config CARGO_TARGET_DIR=$ROOT/target/build84 \
        cargo build --profile quick --locked -p rdkafka
    local EXTENSION=$ROOT/target/build84/quick/libphp_rdkafka.so
    TEST_PHP=/usr/bin/php8.4 RUN_TESTS=$(cd "$chroot" && echo /usr/lib/php/*/build/run-tests.php) \
        PHPT_RUNNER=$tools/inside phpt php84 php-tests
    tap sapi84 "$tools/inside" env RDKAFKA_SO="$EXTENSION" RDKAFKA_BROKER_BIN="$BROKER" \
        PHP_FPM=/usr/sbin/php-fpm8.4 PHP_CGI=/usr/bin/php-cgi8.4 \
        /usr/bin/php8.4 -n -d extension=posix -d extension="$EXTENSION" tests/sapi/run.php
}

# php84_tools CHROOT FOLDER: php and php-config as the build wants them, and `inside COMMAND...`, which
# runs a command in the chroot, this folder at its own path; its mounts end with it.
php84_tools() {
    mkdir -p "$2" "$1$ROOT"
    cat >"$2/php" <<TOOL
#!/bin/sh
exec chroot "$1" /usr/bin/php8.4 "\$@"
TOOL
    cat >"$2/php-config" <<TOOL
#!/bin/sh
chroot "$1" /usr/bin/php-config8.4 "\$@" | sed 's#-I/usr/include#-I$1/usr/include#g; s#^/usr/include#$1/usr/include#'
TOOL
    cat >"$2/inside" <<TOOL
#!/bin/sh
exec unshare --mount sh -c '
    mount --bind "$ROOT" "$1$ROOT" && mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" &&
    exec chroot "$1" sh -c "cd \"$ROOT\" && exec \"\\\$@\"" sh "\$@"' sh "\$@"
TOOL
    chmod +x "$2"/*
}
