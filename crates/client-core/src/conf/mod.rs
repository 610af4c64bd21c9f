//! The client's configuration: librdkafka's properties, and what they come to.
//!
//! Two stages. [`Conf`] and [`TopicConf`] hold what the application said, each property checked as it
//! is set, with librdkafka's outcome and words. [`Conf::resolve`] then decides everything: rules between
//! properties, defaults that depend on others, what this client cannot honour; the result is a
//! [`ClientConfig`], the only form the rest of the client sees.
//!
//! The tables ([`global`], [`topic`]) are data. Pure; used on the application's thread.

mod bootstrap;
mod checks;
mod choices;
mod client_config;
mod error;
pub mod global;
mod page;
pub mod pattern;
mod resolve;
mod resolve_security;
mod resolve_topic;
mod settings;
mod support;
#[cfg(test)]
mod tests;
pub mod topic;
mod warn;

pub use bootstrap::{BrokerList, DEFAULT_PORT};
pub use choices::{
    AddressFamily, AssertionAlgorithm, AssignmentStrategy, DebugContexts, DnsLookup,
    EndpointIdentification, GroupProtocol, IsolationLevel, MetadataAuthentication,
    MetadataRecovery, OauthbearerGrantType, OauthbearerMethod, OffsetReset, OffsetStoreMethod,
    QueuingStrategy, SecurityProtocol,
};
pub use client_config::{
    AssertionConfig, Callbacks, ClientConfig, ClientKind, ConfWarning, ConsumerConfig, GroupConfig,
    LogConfig, MetadataConfig, OauthbearerConfig, ProducerConfig, SaslConfig, Secret,
    SecurityConfig, SocketConfig, TlsConfig, TopicConfig,
};
pub use error::{ConfError, ConfErrorKind};
pub use page::configuration_page;
pub use pattern::TopicPatterns;
pub use settings::{Callback, Conf, TopicConf};

pub use rdkafka_records::Compression;

/// The release of librdkafka whose behaviour this client follows; also the software version it reports.
pub const LIBRDKAFKA_VERSION: &str = "2.15.0";
