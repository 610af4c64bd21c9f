# shellcheck shell=bash disable=SC2154
# part: 25 sapi
# help: the extension inside php-fpm, the built-in web server and php-cgi (tests/sapi/)

# found NAME...: the first of these programs that there is; Debian's have the version in their names.
found() {
    local name
    for name in "$@"; do
        command -v "$name" || compgen -c "$name" | sort -rV | head -1 | grep . || continue
        return 0
    done
    return 1
}

test_sapi() {
    build
    local version
    version=$(php -n -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
    need "php$version-fpm" found "php-fpm$version" php-fpm
    need "php$version-cgi" found "php-cgi$version" php-cgi
    need "php$version-opcache" test -f "$(php-config --extension-dir)/opcache.so"
    install_missing
    local posix=()
    php -n -m | grep -qx posix || posix=(-d extension=posix)
    tap sapi env RDKAFKA_SO="$EXTENSION" RDKAFKA_BROKER_BIN="$BROKER" \
        PHP_FPM="$(found "php-fpm$version" php-fpm)" PHP_CGI="$(found "php-cgi$version" php-cgi)" \
        php -n "${posix[@]}" -d extension="$EXTENSION" tests/sapi/run.php
}
