//! The closed choices a resolved configuration is made of: one enum per property whose value is a name.
//!
//! They carry the proof that a value was checked. `from_value` takes the number the property tables
//! keep for the name; a number that is in no table is a broken invariant of this crate and maps to the
//! first variant. No I/O, any thread.

/// Declares an enum whose variants stand for the named values of one property.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $value:literal $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of the property table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The variant the property table knows under `value`.
            #[must_use]
            pub fn from_value(value: i32) -> Self {
                match value {
                    $($value => Self::$variant,)+
                    _ => Self::ALL[0],
                }
            }

            /// The number of this variant in the property table.
            #[must_use]
            pub const fn value(self) -> i32 {
                match self {
                    $(Self::$variant => $value,)+
                }
            }

            /// The name of this variant as a property value.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

choices! {
    /// What the client does when it no longer reaches any broker it knows (`metadata.recovery.strategy`).
    MetadataRecovery {
        /// Keep trying the brokers last seen.
        None = 0 "none",
        /// Start again from `bootstrap.servers`.
        Rebootstrap = 1 "rebootstrap",
    }
}

choices! {
    /// Which addresses of a resolved host name may be connected to (`broker.address.family`).
    AddressFamily {
        /// IPv4 and IPv6.
        Any = 0 "any",
        /// IPv4 only.
        V4 = 2 "v4",
        /// IPv6 only.
        V6 = 10 "v6",
    }
}

choices! {
    /// How a broker's host name becomes addresses (`client.dns.lookup`).
    DnsLookup {
        /// Try every address the name resolves to.
        UseAllDnsIps = 0 "use_all_dns_ips",
        /// Replace each bootstrap entry with its canonical names first (Kerberos only).
        ResolveCanonicalBootstrapServersOnly = 1 "resolve_canonical_bootstrap_servers_only",
    }
}

choices! {
    /// How connections are secured (`security.protocol`).
    SecurityProtocol {
        /// Plain TCP, no authentication.
        Plaintext = 0 "plaintext",
        /// TLS.
        Ssl = 1 "ssl",
        /// Plain TCP, authenticated by SASL.
        SaslPlaintext = 2 "sasl_plaintext",
        /// TLS, authenticated by SASL.
        SaslSsl = 3 "sasl_ssl",
    }
}

impl SecurityProtocol {
    /// Whether connections speak TLS.
    #[must_use]
    pub const fn uses_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    /// What the name of a broker begins with, in logs and errors; nothing for plain text.
    #[must_use]
    pub const fn name_prefix(self) -> &'static str {
        match self {
            Self::Plaintext => "",
            Self::Ssl => "ssl://",
            Self::SaslPlaintext => "sasl_plaintext://",
            Self::SaslSsl => "sasl_ssl://",
        }
    }

    /// Whether connections authenticate by SASL.
    #[must_use]
    pub const fn uses_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

choices! {
    /// Whether the name in a broker's certificate is compared with its host name
    /// (`ssl.endpoint.identification.algorithm`).
    EndpointIdentification {
        /// The name is not compared.
        None = 0 "none",
        /// The name must match, as for HTTPS.
        Https = 1 "https",
    }
}

choices! {
    /// Where OAUTHBEARER tokens come from (`sasl.oauthbearer.method`).
    OauthbearerMethod {
        /// The application's callback (or the unsecured test token).
        Default = 0 "default",
        /// An OpenID Connect token endpoint.
        Oidc = 1 "oidc",
    }
}

choices! {
    /// The OAuth grant an OIDC token is asked with (`sasl.oauthbearer.grant.type`).
    OauthbearerGrantType {
        /// Client id and secret.
        ClientCredentials = 0 "client_credentials",
        /// A signed JWT assertion.
        JwtBearer = 1 "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
}

choices! {
    /// How a JWT assertion is signed (`sasl.oauthbearer.assertion.algorithm`).
    AssertionAlgorithm {
        /// RSA with SHA-256.
        Rs256 = 0 "RS256",
        /// ECDSA P-256 with SHA-256.
        Es256 = 1 "ES256",
    }
}

choices! {
    /// Cloud metadata services that can hand out tokens
    /// (`sasl.oauthbearer.metadata.authentication.type`).
    MetadataAuthentication {
        /// None of them.
        None = 0 "none",
        /// Azure's instance metadata service.
        AzureImds = 1 "azure_imds",
        /// AWS IAM.
        AwsIam = 2 "aws_iam",
    }
}

choices! {
    /// The group membership protocol (`group.protocol`).
    GroupProtocol {
        /// JoinGroup and SyncGroup; clients compute assignments.
        Classic = 0 "classic",
        /// KIP-848: the broker computes assignments.
        Consumer = 1 "consumer",
    }
}

choices! {
    /// Which records of transactions are delivered (`isolation.level`).
    IsolationLevel {
        /// All of them, aborted ones too.
        ReadUncommitted = 0 "read_uncommitted",
        /// Only those of committed transactions.
        ReadCommitted = 1 "read_committed",
    }
}

choices! {
    /// Where consumed offsets are kept (`offset.store.method`).
    OffsetStoreMethod {
        /// Nowhere.
        None = 0 "none",
        /// In a local file (legacy consumer only).
        File = 1 "file",
        /// On the broker.
        Broker = 2 "broker",
    }
}

choices! {
    /// The order records wait in (`queuing.strategy`).
    QueuingStrategy {
        /// First in, first out.
        Fifo = 0 "fifo",
        /// Last in, first out.
        Lifo = 1 "lifo",
    }
}

choices! {
    /// Where a partition is read from when there is no valid offset (`auto.offset.reset`).
    OffsetReset {
        /// The first record.
        Earliest = -2 "earliest",
        /// The end of the log.
        Latest = -1 "latest",
        /// Nowhere: an error is raised.
        Error = -1001 "error",
    }
}

choices! {
    /// Client-side assignors (`partition.assignment.strategy`).
    AssignmentStrategy {
        /// Contiguous ranges per topic.
        Range = 0 "range",
        /// All partitions dealt one by one.
        RoundRobin = 1 "roundrobin",
        /// Sticky, with incremental rebalances (KIP-429).
        CooperativeSticky = 2 "cooperative-sticky",
    }
}

impl AssignmentStrategy {
    /// Whether members keep their partitions while a rebalance runs.
    #[must_use]
    pub const fn is_cooperative(self) -> bool {
        matches!(self, Self::CooperativeSticky)
    }
}

/// The debug contexts of the property `debug`, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DebugContexts(pub u32);

impl DebugContexts {
    /// Generic client instance debugging.
    pub const GENERIC: Self = Self(0x1);
    /// Broker connections.
    pub const BROKER: Self = Self(0x2);
    /// Topics.
    pub const TOPIC: Self = Self(0x4);
    /// Metadata.
    pub const METADATA: Self = Self(0x8);
    /// Broker features.
    pub const FEATURE: Self = Self(0x10);
    /// Queues.
    pub const QUEUE: Self = Self(0x20);
    /// Messages.
    pub const MSG: Self = Self(0x40);
    /// The wire protocol.
    pub const PROTOCOL: Self = Self(0x80);
    /// Consumer groups.
    pub const CGRP: Self = Self(0x100);
    /// TLS and SASL.
    pub const SECURITY: Self = Self(0x200);
    /// Fetching.
    pub const FETCH: Self = Self(0x400);
    /// Interceptors.
    pub const INTERCEPTOR: Self = Self(0x800);
    /// Plugins.
    pub const PLUGIN: Self = Self(0x1000);
    /// The high-level consumer.
    pub const CONSUMER: Self = Self(0x2000);
    /// The admin API.
    pub const ADMIN: Self = Self(0x4000);
    /// Idempotence and transactions.
    pub const EOS: Self = Self(0x8000);
    /// The embedded broker.
    pub const MOCK: Self = Self(0x10000);
    /// Assignors.
    pub const ASSIGNOR: Self = Self(0x20000);
    /// The configuration.
    pub const CONF: Self = Self(0x40000);
    /// Client metrics.
    pub const TELEMETRY: Self = Self(0x80000);
    /// Everything.
    pub const ALL: Self = Self(0xfffff);

    /// Whether all contexts of `other` are enabled.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any context of `other` is enabled.
    #[must_use]
    pub const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The contexts of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether none is enabled.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
