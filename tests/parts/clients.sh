# shellcheck shell=bash disable=SC2154
# part: 47 clients
# help: clients that others wrote against rdkafka-broker, in memory and on disk: kcat, confluent-kafka,
# help: kafka-python, aiokafka, kafkajs, franz-go, sarama, Apache Kafka's Java client, tools and Streams; most
# help: of them by TLS and SASL too (Debian, PyPI, npm, the Go module proxy and Maven bring them);
# help: and kafka-php, where Packagist is reached

test_clients() {
    build
    need golang-go command -v go
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    need nodejs command -v node
    need npm command -v npm
    need kcat command -v kcat
    need composer command -v composer
    need unzip command -v unzip
    need default-jdk-headless command -v javac
    need_kafka
    clients_home=$TARGET/clients
    local logs=$clients_home/logs python=$clients_home/python/bin/python
    mkdir -p "$logs"
    local java=(java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=error
        -cp "$clients_home/classes:$ROOT/target/kafka/lib/*:$clients_home/jars/*")
    say 'fetching the clients'
    # separate processes: each is mostly waiting for its registry
    local installer pids=()
    for installer in python node go java php; do
        (set -e; "clients_install_$installer") >"$logs/install-$installer.log" 2>&1 &
        pids+=("$installer:$!")
    done
    for installer in "${pids[@]}"; do
        wait "${installer#*:}" || { cat "$logs/install-${installer%:*}.log" >&2; fail "${installer%:*}: the clients could not be fetched"; }
    done
    clients_run memory --ephemeral
    rm -rf "$clients_home/data"
    clients_run disk --data-dir "$clients_home/data"
    rm -rf "$clients_home/data"
    clients_secure
}

clients_install_python() {
    local wanted=(confluent-kafka==2.16.1 kafka-python==3.0.12 aiokafka==0.14.0 cramjam==2.14.0 python-snappy==0.7.3
        lz4==4.4.5 zstandard==0.25.0)
    [ -x "$clients_home/python/bin/python" ] || python3 -m venv "$clients_home/python"
    "$clients_home/python/bin/python" -m pip install -q "${wanted[@]}"
}

clients_install_node() {
    mkdir -p "$clients_home/node"
    cp tests/clients/node/* "$clients_home/node/"
    npm ci --prefix "$clients_home/node" --ignore-scripts --no-audit --no-fund
}

clients_install_go() {
    # shellcheck source=tests/peers/go.sh.inc
    source tests/peers/go.sh.inc
    build_go franz "$clients_home/franz" "$ROOT/tests/clients/go"
    build_go sarama "$clients_home/sarama" "$ROOT/tests/clients/go"
    build_go secure "$clients_home/secure" "$ROOT/tests/clients/go"
}

clients_install_java() {
    local jars
    jars=$(tests/kafka/kafka jars)
    mvn -q -B -f tests/clients/java/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$clients_home/jars"
    javac -nowarn -d "$clients_home/classes" -cp "$jars/*:$clients_home/jars/*" tests/clients/java/*.java
}

# Not every network with the other registries reaches Packagist: without it kafka-php is left out, and the run says so.
clients_install_php() {
    local folder=$clients_home/php
    mkdir -p "$folder"
    cp tests/clients/php/* "$folder/"
    # its composer.json says PHP 7; it runs by PHP 8 with deprecations
    COMPOSER_ALLOW_SUPERUSER=1 timeout 120 composer install -d "$folder" -n --no-progress --ignore-platform-req=php || true
}

# clients_run WHERE SERVE-OPTION...: every client at once against one broker. What each printed is counted after all ended.
clients_run() {
    local where=$1 address broker_pid ready
    shift
    # a client that is killed is missed soon
    clients_broker --listen 127.0.0.1:0 --log-level warn --set group.streams.min.session.timeout.ms=1000 \
        --set group.streams.min.heartbeat.interval.ms=100 "$@"
    say "clients, broker's log in $where ($address)"
    clients_start kcat bash tests/clients/kcat.sh "$address" "$where-kcat"
    clients_start confluent-kafka "$python" tests/clients/python/confluent.py "$address" "$where-confluent"
    clients_start kafka-python "$python" tests/clients/python/kafkapython.py "$address" "$where-kafka-python"
    clients_start aiokafka "$python" tests/clients/python/aio.py "$address" "$where-aiokafka"
    clients_start kafkajs node "$clients_home/node/kafkajs.js" "$address" "$where-kafkajs"
    clients_start franz-go "$clients_home/franz" "$address" "$where-franz"
    clients_start sarama "$clients_home/sarama" "$address" "$where-sarama"
    clients_start java "${java[@]}" Clients "$address" "$where-java"
    clients_start java-share "${java[@]}" ShareGroups "$address" "$where-java-share"
    rm -rf "$clients_home/streams-$where" "$clients_home/streams-groups-$where"
    clients_start streams "${java[@]}" WordCount "$address" "$where-streams" "$clients_home/streams-$where"
    clients_start streams-groups "${java[@]}" StreamsGroups "$address" "$where-streams-groups" "$clients_home/streams-groups-$where"
    if [ -e "$clients_home/php/vendor/autoload.php" ]; then
        clients_start kafka-php php "$clients_home/php/kafka-php.php" "$address" "$where-php"
    else
        echo "# kafka-php is left out: $(grep -m1 -o '"[^"]*" file could not be downloaded' "$logs/install-php.log" || echo "see $logs/install-php.log")"
    fi
    # starting a Java machine for each command is most of the cost, and where the log is makes no difference to them
    if [ "$where" = disk ]; then
        clients_start kafka-tools bash tests/clients/kafka-tools.sh "$address" "$where-tools"
        clients_start kafka-tools-twins bash tests/clients/kafka-tools-twins.sh "$address" "$where-twins"
    fi
    clients_end
}

# clients_secure: the same clients by TLS and SASL.
clients_secure() {
    local where=secure address broker_pid ready addresses certificates=$ROOT/php-tests/security/certificates
    cat >"$clients_home/secure.properties" <<PROPERTIES
listeners=SSL://127.0.0.1:0,SASL_SSL://127.0.0.1:0
ssl.keystore.type=PEM
ssl.keystore.location=$certificates/server.store.pem
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
delegation.token.secret.key=for-the-tests
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="plain-secret";
PROPERTIES
    clients_broker --config "$clients_home/secure.properties" --ephemeral \
        --add-scram 'SCRAM-SHA-256=[name=alice,password=scram-secret]' \
        --add-scram 'SCRAM-SHA-512=[name=alice,password=scram-secret]' 2>"$logs/secure-broker.log"
    local tries
    for tries in $(seq 200); do grep -q addresses= "$logs/secure-broker.log" && break || sleep 0.05; done
    mapfile -t addresses < <(grep -o 'addresses=.*' "$logs/secure-broker.log" | grep -o '127.0.0.1:[0-9]*')
    address=ssl=${addresses[0]},sasl_ssl=${addresses[1]}
    say "clients by TLS and SASL ($address)"
    local CA_FILE=$certificates/ca.pem
    export CA_FILE
    clients_start python "$python" tests/clients/python/secure.py "$address" secure
    clients_start kafkajs node "$clients_home/node/secure.js" "$address" secure
    clients_start go "$clients_home/secure" "$address" secure
    clients_start java "${java[@]}" Secure "$address" secure
    clients_start kafka-delegation-tokens env PROTOCOL=SASL_SSL PASSWORD=plain-secret \
        bash tests/clients/kafka-delegation-tokens.sh "${addresses[1]}" secure
    clients_end
}

# clients_broker SERVE-OPTION...: starts one, sets address and broker_pid, once it is ready.
clients_broker() {
    local line
    exec {ready}< <(exec "$BROKER" serve "$@")
    broker_pid=$!
    read -r line <&"$ready"
    address=${line##* }
    clients_pids=()
}

# clients_end: waits for the clients, counts what they printed, ends the broker.
clients_end() {
    local name
    for name in "${clients_pids[@]}"; do
        local status=0
        wait "${name#*:}" || status=$?
        name=${name%:*}
        [ "$status" != 124 ] || echo "not ok - $name: still busy after ${CLIENTS_SECONDS:-300} seconds" >>"$logs/$where-$name.log"
        tap "$where-$name" bash -c 'cat "$1"; exit "$2"' tap "$logs/$where-$name.log" "$status"
    done
    kill "$broker_pid"
    wait "$broker_pid" 2>/dev/null || true
    exec {ready}<&-
}

# clients_start NAME COMMAND...: in the background, for a bounded time.
clients_start() {
    local name=$1
    shift
    RDKAFKA_BROKER_BIN=$BROKER KAFKA_JARS=$ROOT/target/kafka/lib PYTHONDONTWRITEBYTECODE=1 \
        timeout "${CLIENTS_SECONDS:-300}" "$@" >"$logs/$where-$name.log" 2>&1 </dev/null &
    clients_pids+=("$name:$!")
}
