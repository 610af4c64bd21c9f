//! The macro that turns one row per property into a typed field, `set` and the list that DescribeConfigs shows.
//!
//! It is not the mechanism of `rdkafka-conf`, on purpose: a client's properties are told, dumped and documented the way
//! librdkafka does it (a table of untyped values, `C/P` columns, alias rows, callbacks), a broker's the way Kafka does it
//! (typed fields, DescribeConfigs' types and synonyms, `listener.name.` prefixes). One table for both would carry the union of
//! the two and serve neither. What is common, guessing the name somebody meant, is used from there.

/// `properties! { pub struct Name { "property.name" [| "broker.name"] field: Type = default, check; "doc" ... } }`
///
/// `check` is a function from the value to whether it is legal, or `any`. `also { field: Type; ... }` adds fields that
/// are no properties.
macro_rules! properties {
    (
        $(#[$meta:meta])*
        pub struct $Struct:ident {
            $(
                $name:literal $(| $broker:literal)? $field:ident : $Type:ty = $default:expr, $check:expr, $doc:literal;
            )*
        }
        $(also { $($(#[$also_meta:meta])* $also:ident : $Also:ty;)* })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $Struct {
            $(#[doc = $doc] pub $field: $Type,)*
            $($($(#[$also_meta])* pub(super) $also: $Also,)*)?
            /// Names that were set explicitly.
            pub(super) explicit: std::collections::BTreeSet<&'static str>,
        }

        impl Default for $Struct {
            fn default() -> Self {
                Self { $($field: $default,)* $($($also: Default::default(),)*)? explicit: std::collections::BTreeSet::new() }
            }
        }

        impl $Struct {
            /// Sets a property of this table; `None` when the table has no such row.
            pub(super) fn set_row(&mut self, name: &str, value: &str) -> Option<Result<(), super::ConfError>> {
                let value = value.trim();
                let invalid = |reason: String| super::ConfError::Invalid {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    reason,
                };
                match name {
                    $($name => {
                        let parsed = match <$Type as super::value::Value>::parse(value) {
                            Ok(parsed) => parsed,
                            Err(reason) => return Some(Err(invalid(reason))),
                        };
                        let check: fn(&$Type) -> Result<(), String> = $check;
                        if let Err(reason) = check(&parsed) {
                            return Some(Err(invalid(reason)));
                        }
                        self.$field = parsed;
                        self.explicit.insert($name);
                        Some(Ok(()))
                    })*
                    _ => None,
                }
            }

            /// Every property of this table with its effective value, in table order.
            pub(super) fn rows(&self) -> Vec<super::ConfigEntry> {
                vec![$(super::ConfigEntry {
                    name: $name,
                    value: <$Type as super::value::Value>::render(&self.$field),
                    config_type: <$Type as super::value::Value>::TYPE,
                    is_set: self.explicit.contains($name),
                    is_sensitive: matches!(<$Type as super::value::Value>::TYPE, super::ConfigType::Password),
                    broker_name: None $(.or(Some($broker)))?,
                    doc: $doc,
                },)*]
            }
        }
    };
}

/// Every value is legal.
pub(super) fn any<T>(_: &T) -> Result<(), String> {
    Ok(())
}

/// Number ranges, as functions usable in a table row.
pub(super) fn at_least<const MIN: i64, T: Copy + Into<i64>>(value: &T) -> Result<(), String> {
    if (*value).into() >= MIN {
        Ok(())
    } else {
        Err(format!("Value must be at least {MIN}"))
    }
}

/// From the first number to the second.
pub(super) fn within<const MIN: i64, const MAX: i64, T: Copy + Into<i64>>(
    value: &T,
) -> Result<(), String> {
    if (MIN..=MAX).contains(&(*value).into()) {
        Ok(())
    } else {
        Err(format!("Value must be between {MIN} and {MAX}"))
    }
}

/// As [`at_least`], for a property that may be absent.
pub(super) fn absent_or_at_least<const MIN: i64, T: Copy + Into<i64>>(
    value: &Option<T>,
) -> Result<(), String> {
    value.as_ref().map_or(Ok(()), at_least::<MIN, T>)
}

/// More than nothing.
pub(super) fn positive(value: &f64) -> Result<(), String> {
    if *value > 0.0 {
        Ok(())
    } else {
        Err("Value must be more than 0".into())
    }
}

/// The authorizer that is built in, under any of its names.
#[allow(
    clippy::ptr_arg,
    reason = "the type of the field, which the table's check takes"
)]
pub(super) fn authorizer(value: &String) -> Result<(), String> {
    let names = [
        "",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "kafka.security.authorizer.AclAuthorizer",
        "kafka.security.auth.SimpleAclAuthorizer",
    ];
    if names.contains(&value.as_str()) {
        return Ok(());
    }
    Err(format!(
        "it names a Java class; the authorizer that is built in is {}",
        names[1]
    ))
}

/// A share of one.
pub(super) fn ratio(value: &f64) -> Result<(), String> {
    if (0.0..=1.0).contains(value) {
        Ok(())
    } else {
        Err("Value must be between 0 and 1".into())
    }
}

/// A codec's name, or `producer` for "as it came".
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn compression(value: &String) -> Result<(), String> {
    match value.as_str() {
        "uncompressed" | "zstd" | "lz4" | "snappy" | "gzip" | "producer" => Ok(()),
        _ => Err("String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer".into()),
    }
}

/// A codec's level: `-1` is its own default.
pub(super) fn gzip_level(value: &i32) -> Result<(), String> {
    match value {
        -1 | 1..=9 => Ok(()),
        _ => Err("Value must be between 1 and 9 or equal to -1".into()),
    }
}

/// The levels lz4 knows.
pub(super) fn lz4_level(value: &i32) -> Result<(), String> {
    match value {
        1..=17 => Ok(()),
        _ => Err("Value must be between 1 and 17".into()),
    }
}

/// The levels zstd knows.
pub(super) fn zstd_level(value: &i32) -> Result<(), String> {
    match value {
        -131_072..=22 => Ok(()),
        _ => Err("Value must be between -131072 and 22".into()),
    }
}

/// What cannot be turned on here.
pub(super) fn is_off(value: &bool) -> Result<(), String> {
    if *value {
        Err("Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.".into())
    } else {
        Ok(())
    }
}

/// A list of names, each one of these.
fn one_of(values: &[String], known: &[&str]) -> Result<(), String> {
    match values.iter().find(|it| !known.contains(&it.as_str())) {
        None if values.is_empty() => Err("Value must not be empty".into()),
        None => Ok(()),
        Some(_) => Err(format!("Valid values are: {}", known.join(", "))),
    }
}

/// Group protocols.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn rebalance_protocols(values: &Vec<String>) -> Result<(), String> {
    one_of(values, &["classic", "consumer", "share", "streams"])
}

/// Server-side assignors.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn assignors(values: &Vec<String>) -> Result<(), String> {
    one_of(values, &["uniform", "range"])
}

/// When a group may change its protocol.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn migration_policy(value: &String) -> Result<(), String> {
    one_of(
        std::slice::from_ref(value),
        &["bidirectional", "upgrade", "downgrade", "disabled"],
    )
}

/// How a share group reads transactions.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn share_isolation(value: &String) -> Result<(), String> {
    one_of(
        std::slice::from_ref(value),
        &["read_committed", "read_uncommitted"],
    )
}

/// Where a share group begins.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
pub(super) fn offset_reset(value: &String) -> Result<(), String> {
    super::OffsetReset::parse(value).map(|_| ()).ok_or_else(|| {
        "Value must be earliest, latest or by_duration:PnDTnHnMn.nS, where the duration is not negative".into()
    })
}
