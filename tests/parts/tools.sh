# shellcheck shell=bash disable=SC2154
# part: 30 tools
# help: kcat and the broker's command line (tests/*.sh)

test_tools() {
    build
    need kcat command -v kcat
    install_missing
    local script
    for script in tests/*.sh; do
        say "$script"
        tap "$(basename "$script" .sh)" env RDKAFKA_BROKER_BIN="$BROKER" RDKAFKA_SO="$EXTENSION" bash "$script"
    done
}
