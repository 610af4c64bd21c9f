//! Kafka's wire protocol: frames, headers, versions, errors and messages.
