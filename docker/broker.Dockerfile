# rdkafka-broker as an image: docker build -f docker/broker.Dockerfile -t rdkafka-broker .
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p rdkafka-broker

FROM debian:bookworm-slim
COPY --from=build /src/target/release/rdkafka-broker /usr/local/bin/
# kafka-topics.sh and the others, beside it
COPY bin/ /usr/local/bin/
# any user may run it: the data folder is the only place it writes to
RUN mkdir /data && chmod 777 /data
VOLUME /data
EXPOSE 9092
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=5s CMD ["rdkafka-broker", "health"]
# The advertised address is the one each client connected to, so that the host and other
# containers can both use the broker without further settings.
ENTRYPOINT ["rdkafka-broker"]
CMD ["serve", "--listen", "0.0.0.0:9092", "--data-dir", "/data"]
