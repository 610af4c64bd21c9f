# PHP with the extension: docker build -f docker/php.Dockerfile -t php-rdkafka .
ARG PHP=8.2
FROM php:${PHP}-cli-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends curl clang libclang-dev
ENV RUSTUP_HOME=/opt/rustup CARGO_HOME=/opt/cargo PATH=/opt/cargo/bin:$PATH
RUN curl -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p rdkafka

FROM php:${PHP}-cli-bookworm
COPY --from=build /src/target/release/libphp_rdkafka.so /tmp/rdkafka.so
RUN mv /tmp/rdkafka.so "$(php-config --extension-dir)/rdkafka.so" && docker-php-ext-enable rdkafka
