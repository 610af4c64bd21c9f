# PHP with the extension: docker build -f docker/php.Dockerfile -t php-rdkafka .
# --build-arg PHP=8.4 --build-arg VARIANT=fpm choose the PHP: cli, fpm, apache, zts (thread-safe).
ARG PHP=8.2
ARG VARIANT=cli
FROM php:${PHP}-${VARIANT}-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends curl clang libclang-dev
ENV RUSTUP_HOME=/opt/rustup CARGO_HOME=/opt/cargo PATH=/opt/cargo/bin:$PATH
RUN curl -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p rdkafka

FROM php:${PHP}-${VARIANT}-bookworm
COPY --from=build /src/target/release/libphp_rdkafka.so /tmp/rdkafka.so
RUN mv /tmp/rdkafka.so "$(php-config --extension-dir)/rdkafka.so" && docker-php-ext-enable rdkafka
