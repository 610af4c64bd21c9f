//! The properties of a listener: TLS, SASL and limits, for all listeners or for one.
//!
//! Owns: [`ListenerProperties`]. `ssl.*`, `sasl.*` and `connections.max.reauth.ms` hold for every listener;
//! `listener.name.<name>.<property>` says something else for one of them, and
//! `listener.name.<name>.<mechanism>.<property>` for one mechanism of it, as in Kafka.
//! Guarantees: values are of their types. Leaves to others: whether a listener can be served with them (`rdkafka-broker`),
//! so that a file whose TLS settings no listener uses starts.

use std::collections::BTreeMap;

use super::table::{any, at_least};
use super::{ClientAuth, ConfError, ConfigEntry, Secret};

properties! {
    /// What holds for one listener.
    pub struct ListenerProperties {
        "ssl.keystore.type" ssl_keystore_type: String = "JKS".into(), any,
            "The format of the key store: PEM or PKCS12; JKS is not read. PEM is understood without saying so where certificates are given as text.";
        "ssl.keystore.location" ssl_keystore_location: Option<String> = None, any,
            "The file with the certificate chain and the private key of the broker.";
        "ssl.keystore.password" ssl_keystore_password: Option<Secret> = None, any,
            "The password of a PKCS12 key store; PEM files have none.";
        "ssl.keystore.key" ssl_keystore_key: Option<Secret> = None, any,
            "The private key itself, as PEM (PKCS#8).";
        "ssl.keystore.certificate.chain" ssl_keystore_certificate_chain: Option<Secret> = None, any,
            "The certificate chain itself, as PEM.";
        "ssl.key.password" ssl_key_password: Option<Secret> = None, any,
            "The password of an encrypted private key.";
        "ssl.truststore.type" ssl_truststore_type: String = "JKS".into(), any,
            "The format of the trust store: PEM or PKCS12; JKS is not read.";
        "ssl.truststore.location" ssl_truststore_location: Option<String> = None, any,
            "The file with the certificates that vouch for clients.";
        "ssl.truststore.password" ssl_truststore_password: Option<Secret> = None, any,
            "The password of a PKCS12 trust store; PEM files have none.";
        "ssl.truststore.certificates" ssl_truststore_certificates: Option<Secret> = None, any,
            "The certificates that vouch for clients, as PEM.";
        "ssl.client.auth" ssl_client_auth: ClientAuth = ClientAuth::None, any,
            "Whether clients show a certificate: none, requested or required. It then says who they are, unless SASL does.";
        "ssl.enabled.protocols" ssl_enabled_protocols: Vec<String> = vec!["TLSv1.2".into(), "TLSv1.3".into()], any,
            "The TLS versions spoken, of TLSv1.2 and TLSv1.3; older ones in the list are left out.";
        "ssl.cipher.suites" ssl_cipher_suites: Vec<String> = vec![], any,
            "The cipher suites offered, by their IANA names; by default all that are safe.";
        "ssl.principal.mapping.rules" ssl_principal_mapping_rules: String = "DEFAULT".into(), any,
            "How the name in a client's certificate becomes its principal: RULE:pattern/replacement/[LU], comma-separated, and DEFAULT.";
        "sasl.enabled.mechanisms" sasl_enabled_mechanisms: Vec<String> = vec!["GSSAPI".into()], any,
            "The SASL mechanisms offered, of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.";
        "sasl.jaas.config" sasl_jaas_config: Option<Secret> = None, any,
            "The login module of a mechanism. Kafka wants it as listener.name.<name>.<mechanism>.sasl.jaas.config; without a prefix it holds for all.";
        "sasl.server.callback.handler.class" sasl_server_callback_handler_class: Option<String> = None, any,
            "How OAUTHBEARER tokens are checked: Kafka's OAuthBearerValidatorCallbackHandler (signatures) or, by default, OAuthBearerUnsecuredValidatorCallbackHandler (tests only).";
        "sasl.server.max.receive.size" sasl_server_max_receive_size: i32 = 524_288, at_least::<1, i32>,
            "The largest request that is read before a client is authenticated.";
        "sasl.oauthbearer.jwks.endpoint.url" sasl_oauthbearer_jwks_endpoint_url: Option<String> = None, any,
            "The keys that sign OAUTHBEARER tokens: a file:// URL of a JWKS. It is read again when it changes.";
        "sasl.oauthbearer.expected.audience" sasl_oauthbearer_expected_audience: Vec<String> = vec![], any,
            "One of these must be among the audiences of a token.";
        "sasl.oauthbearer.expected.issuer" sasl_oauthbearer_expected_issuer: Option<String> = None, any,
            "Who must have issued a token.";
        "sasl.oauthbearer.clock.skew.seconds" sasl_oauthbearer_clock_skew_seconds: i32 = 30, at_least::<0, i32>,
            "By how much the clocks of issuer and broker may differ.";
        "sasl.oauthbearer.scope.claim.name" sasl_oauthbearer_scope_claim_name: String = "scope".into(), any,
            "The claim that holds a token's scope.";
        "sasl.oauthbearer.sub.claim.name" sasl_oauthbearer_sub_claim_name: String = "sub".into(), any,
            "The claim that holds a token's principal.";
        "connections.max.reauth.ms" connections_max_reauth_ms: i64 = 0, at_least::<0, i64>,
            "After which time a client must authenticate again on the same connection (KIP-368); 0 is never.";
        "max.connections" max_connections: i32 = i32::MAX, at_least::<0, i32>,
            "How many connections may be open at once.";
        "max.connection.creation.rate" max_connection_creation_rate: i32 = i32::MAX, at_least::<0, i32>,
            "How many connections are accepted a second; those beyond it wait.";
    }
    also {
        /// What is said for one mechanism, by its name in small letters.
        mechanisms: BTreeMap<String, Vec<(String, String)>>;
    }
}

impl ListenerProperties {
    /// Sets `<property>` or `<mechanism>.<property>`; `None` when there is no such property.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Option<Result<(), ConfError>> {
        if let Some(set) = self.set_row(name, value) {
            return Some(set);
        }
        let (mechanism, property) = name.split_once('.')?;
        if !MECHANISM_PROPERTIES.contains(&property) {
            return None;
        }
        let set = Self::default().set_row(property, value)?;
        let of_mechanism = self
            .mechanisms
            .entry(mechanism.to_ascii_lowercase())
            .or_default();
        of_mechanism.push((property.to_owned(), value.to_owned()));
        Some(set)
    }

    /// What holds for one mechanism of this listener.
    pub fn of_mechanism(&self, mechanism: &str) -> Self {
        let mut properties = self.clone();
        for (name, value) in self
            .mechanisms
            .get(&mechanism.to_ascii_lowercase())
            .into_iter()
            .flatten()
        {
            // Checked when it was set.
            let _ = properties.set_row(name, value);
        }
        properties
    }

    /// Every property with its effective value.
    pub fn entries(&self) -> Vec<ConfigEntry> {
        self.rows()
    }
}

/// What may be said for one mechanism.
const MECHANISM_PROPERTIES: &[&str] = &[
    "sasl.jaas.config",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
    "sasl.oauthbearer.jwks.endpoint.url",
    "sasl.oauthbearer.expected.audience",
    "sasl.oauthbearer.expected.issuer",
    "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.scope.claim.name",
    "sasl.oauthbearer.sub.claim.name",
];
