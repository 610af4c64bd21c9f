# shellcheck shell=bash disable=SC2154
# part: 45 peers
# help: the extension against franz-go's fake cluster posing as Kafka 0.10 to 4.2; what Java (since 0.9), librdkafka, kafka-python and franz-go write and read,
# help: in every compression and record format, from the message sets of magic 0 and 1 on
# help: (the Go module proxy, PyPI and Maven bring them)

test_peers() {
    build
    need golang-go command -v go
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    need default-jdk-headless command -v javac
    need_kafka
    # shellcheck source=tests/peers/go.sh.inc
    source tests/peers/go.sh.inc
    mkdir -p "$TARGET/peers"
    build_go kfake "$TARGET/peers/kfake"
    local python=$TARGET/mixed/bin/python
    # shellcheck source=tests/peers/python.sh.inc
    source tests/peers/python.sh.inc
    install_python_clients "$TARGET/mixed"
    local run=(env RDKAFKA_SO="$EXTENSION" php -n -d extension="$EXTENSION")
    say 'franz-go kfake'
    tap kfake "${run[@]}" tests/peers/kfake.php "$TARGET/peers/kfake"
    say 'what others write and read'
    build_go franz "$TARGET/peers/franz"
    tests/kafka/kafka up
    trap 'tests/kafka/kafka down' EXIT
    tap interop "${run[@]}" tests/peers/interop.php "$(tests/kafka/kafka address)" "$python" "$TARGET/peers/franz" \
        tests/kafka/kafka
    tests/kafka/kafka down
    trap - EXIT
    say 'message sets, as releases before 0.11 have them'
    peers_install_old_java "$TARGET/peers/java"
    tap message-sets "${run[@]}" tests/peers/message_sets.php "$BROKER" "$python" "$TARGET/peers/franz" "$TARGET/peers/java"
    tap old-kafka "${run[@]}" tests/peers/old_kafka.php "$python" "$TARGET/peers/franz" "$TARGET/peers/java"
}

# peers_install_old_java FOLDER: Java's clients by release, and the class that message_sets.php uses with each.
peers_install_old_java() {
    local release
    for release in 0.9.0.1 0.10.2.2 0.11.0.3; do
        [ -f "$1/$release/kafka-clients-$release.jar" ] ||
            mvn -q -B -f tests/peers/java/pom.xml dependency:copy-dependencies -Drelease="$release" -DoutputDirectory="$1/$release"
    done
    [ -f "$1/broker/jaxb-api-2.3.1.jar" ] ||
        mvn -q -B -f tests/peers/java/pom.xml dependency:copy-dependencies -Dartifact=kafka_2.12 -Drelease=0.10.2.2 -DoutputDirectory="$1/broker"
    javac -nowarn -d "$1/classes" -cp "$1/0.11.0.3/*" tests/peers/java/MessageSets.java
}
