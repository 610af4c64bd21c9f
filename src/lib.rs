//! The PHP extension: php-rdkafka's classes over `rdkafka-client`.
//!
//! `zend` is the border to the engine and the only unsafe module. `class` has one file per PHP
//! class; `engine` owns what belongs to the process or the request, `dispatch` is the one place
//! that runs PHP callbacks, `callbacks` and `opaque` keep what PHP code handed over. No protocol
//! logic lives here. All of it runs on the PHP thread.

mod callbacks;
mod class;
mod dispatch;
mod engine;
mod exception;
mod functions;
mod opaque;
mod zend;
