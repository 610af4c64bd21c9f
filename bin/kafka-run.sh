#!/bin/sh
# Every name in this folder is this script: kafka-topics.sh runs `rdkafka-broker topics`, and so on.
# The binary is looked for beside the script, in the build folder of a checkout, and in PATH.
set -eu
name=$(basename "$0" .sh)
folder=$(dirname "$0")

find_binary() {
    for binary in "${RDKAFKA_BROKER_BIN:-}" "$folder/rdkafka-broker" \
        "$folder/../target/release/rdkafka-broker" "$(command -v rdkafka-broker || true)"; do
        [ -z "$binary" ] || [ ! -x "$binary" ] || return 0
    done
    echo "$name.sh: rdkafka-broker is not there: build it with ./dev build, or name it in RDKAFKA_BROKER_BIN" >&2
    exit 1
}

# kafka-server-start.sh [-daemon] FILE [--override KEY=VALUE]...
server_start() {
    daemon=
    [ "${1:-}" != -daemon ] || { daemon=1; shift; }
    if [ $# -eq 0 ]; then
        echo "usage: $name.sh [-daemon] server.properties [--override KEY=VALUE]..." >&2
        exit 1
    fi
    config=$1
    shift
    # Rebuilt in place: --override is called --set.
    for word in "$@"; do
        shift
        [ "$word" != --override ] || word=--set
        set -- "$@" "$word"
    done
    [ -n "$daemon" ] || exec "$binary" serve --config "$config" "$@"
    logs=${LOG_DIR:-$folder/../logs}
    mkdir -p "$logs"
    : >"$logs/server.out"
    nohup "$binary" serve --config "$config" "$@" >>"$logs/server.out" 2>&1 </dev/null &
    pid=$!
    tries=0
    until grep -q '^rdkafka-broker ready' "$logs/server.out"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            tail -n 5 "$logs/server.out" >&2
            exit 1
        fi
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo "$name.sh: not ready yet; see $logs/server.out" >&2; exit 1; }
        sleep 0.1
    done
}

# kafka-server-stop.sh [FILE]: every broker of this machine, or the one started with this file.
server_stop() {
    found=
    for process in /proc/[0-9]*; do
        words=$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) || continue
        case $words in
            *rdkafka-broker\ serve\ *"${1:-}"*)
                found=1
                kill -TERM "${process#/proc/}" || true
                ;;
        esac
    done
    [ -n "$found" ] || { echo "No kafka server to stop"; exit 1; }
}

case $name in
    kafka-server-start) find_binary; server_start "$@" ;;
    kafka-server-stop) server_stop "$@" ;;
    zookeeper-server-start | zookeeper-server-stop)
        echo "$name.sh: not needed: this broker has no ZooKeeper; kafka-server-start.sh is all there is to start" >&2
        ;;
    kafka-run) find_binary; exec "$binary" "$@" ;;
    kafka-*) find_binary; exec "$binary" "${name#kafka-}" "$@" ;;
    *) echo "$0: unknown name" >&2; exit 1 ;;
esac
