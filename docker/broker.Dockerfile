# rdkafka-broker as an image: docker build -f docker/broker.Dockerfile -t rdkafka-broker .
# Nothing but the binary, which is linked with all it needs, and Kafka's names for its tools:
# docker exec CONTAINER kafka-topics.sh --bootstrap-server localhost:9092 --list
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    host=$(rustc -vV | sed -n 's/^host: //p') && \
    RUSTFLAGS='-C target-feature=+crt-static' \
        cargo build --release --locked -p rdkafka-broker --target "$host" && \
    mkdir -p /image/usr/local/bin /image/opt/kafka/bin /image/etc/ssl/certs /image/tmp /image-data && \
    cp "target/$host/release/rdkafka-broker" /image/usr/local/bin/ && \
    for script in bin/kafka-*.sh; do ln -s /usr/local/bin/rdkafka-broker "/image/opt/kafka/$script" || exit; done && \
    rm /image/opt/kafka/bin/kafka-server-*.sh && \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ && \
    chmod 1777 /image/tmp && chmod 777 /image-data

FROM scratch
COPY --from=build /image/ /
# any user may run it: this folder is the only place it writes to
COPY --from=build --chown=65532:65532 /image-data /data
USER 65532:65532
ENV PATH=/opt/kafka/bin:/usr/local/bin
VOLUME /data
EXPOSE 9092
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=5s CMD ["rdkafka-broker", "health"]
# The advertised address is the one each client connected to, so that the host and other
# containers can both use the broker without further settings.
ENTRYPOINT ["rdkafka-broker"]
CMD ["serve", "--listen", "0.0.0.0:9092", "--data-dir", "/data"]
