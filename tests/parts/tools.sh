# shellcheck shell=bash disable=SC2154
# part: 30 tools
# help: kcat, the broker's command line, TLS and SASL, 10,000 connections of bad manners (tests/*.sh)

test_tools() {
    build
    need kcat command -v kcat
    need openssl command -v openssl
    install_missing
    say 'building the crowd of connections'
    cargo build --release --locked -p rdkafka-fault-proxy --bin crowd
    local script
    for script in tests/*.sh; do
        say "$script"
        tap "$(basename "$script" .sh)" env RDKAFKA_BROKER_BIN="$BROKER" RDKAFKA_SO="$EXTENSION" \
            RDKAFKA_CROWD_BIN="$TARGET/release/crowd" bash "$script"
    done
}
