# shellcheck shell=bash disable=SC2154
# part: -- zts
# help: (by name only, about 10 minutes) PHP scripts under a thread-safe PHP, which it builds from Debian's
# help: source package, and 16 threads of one process

test_zts() {
    local prefix=$ROOT/target/zts/prefix
    build
    need pkg-config command -v pkg-config
    need xz-utils command -v xz
    need make command -v make
    install_missing
    [ -x "$prefix/bin/php" ] || zts_php "$ROOT/target/zts" "$prefix"
    say 'building rdkafka.so for a thread-safe PHP'
    PHP=$prefix/bin/php PHP_CONFIG=$prefix/bin/php-config CARGO_TARGET_DIR=$ROOT/target/zts/build \
        cargo build --profile quick --locked -p rdkafka
    local EXTENSION=$ROOT/target/zts/build/quick/libphp_rdkafka.so
    TEST_PHP=$prefix/bin/php RUN_TESTS=$prefix/lib/php/build/run-tests.php phpt zts php-tests
    tap zts-threads zts_threads "$prefix" "$EXTENSION"
}

# zts_php FOLDER PREFIX: Debian's newest stable PHP 8.4, thread-safe, with nothing the tests do without.
zts_php() {
    local lists=$1/lists apt mirror
    # the security mirror has no trixie of its own
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | sort -u | head -1)
    [ -n "$mirror" ] || fail 'zts needs a Debian whose apt knows a mirror'
    say "a thread-safe PHP in $2"
    rm -rf "$1"
    mkdir -p "$lists/sources" "$lists/state/partial" "$1/source"
    cat >"$lists/sources/trixie.sources" <<SOURCES
Types: deb-src
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    apt=(apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$lists/sources" -o Dir::State::Lists="$lists/state")
    "${apt[@]}" update
    (cd "$1/source" && "${apt[@]}" source --download-only php8.4 && tar --strip-components=1 -xf php8.4_*.orig.tar.xz)
    (
        cd "$1/source"
        ./configure -q --prefix="$2" --disable-all --enable-zts --enable-cli --disable-cgi --disable-phpdbg \
            --enable-embed=static --enable-pcntl --enable-posix --enable-session --enable-tokenizer --enable-ctype
        make -s -j"$(nproc)"
        make -s install
    ) >"$1/build.log" 2>&1 || fail "PHP was not built, see $1/build.log"
}

# zts_threads PREFIX EXTENSION: many threads produce and consume at once.
zts_threads() {
    local program=$ROOT/target/zts/threads ready line status=0
    # shellcheck disable=SC2046
    cc -w -O1 $("$1/bin/php-config" --includes) "$ROOT/tests/zts/threads.c" -o "$program" -rdynamic \
        -Wl,--whole-archive "$1/lib/libphp.a" -Wl,--no-whole-archive $("$1/bin/php-config" --libs) -lpthread || return 1
    exec {ready}< <(exec "$BROKER" serve --listen 127.0.0.1:0 --ephemeral --log-level warn)
    local broker_pid=$!
    read -r line <&"$ready"
    RDKAFKA_TEST_BROKERS=${line##* } timeout 300 "$program" "$2" "$ROOT/tests/zts/page.php" 16 50 || status=1
    kill "$broker_pid"
    return "$status"
}
