# PHP with the extension: docker build -f docker/php.Dockerfile -t php-rdkafka .
# --build-arg PHP=8.4 --build-arg VARIANT=fpm choose the PHP: cli, fpm, apache, zts (thread-safe).
ARG PHP=8.2
ARG VARIANT=cli
FROM rust:1-bookworm AS rust
FROM php:${PHP}-${VARIANT}-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang libclang-dev
COPY --from=rust /usr/local/rustup /usr/local/rustup
COPY --from=rust /usr/local/cargo /usr/local/cargo
ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked -p rdkafka && cp target/release/libphp_rdkafka.so /rdkafka.so

FROM php:${PHP}-${VARIANT}-bookworm
COPY --from=build /rdkafka.so /tmp/rdkafka.so
RUN mv /tmp/rdkafka.so "$(php-config --extension-dir)/rdkafka.so" && docker-php-ext-enable rdkafka
