//! The Kafka-compatible broker: listeners, tools, library and binary
